"""A real web server over the tests' own database, to be killed."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
from django.db import connection

from tests.hub.conftest import manage

ROOT = Path(__file__).parents[2]


class Web:
    """gunicorn with two workers; `kill_one` ends a worker the hard way, gunicorn starts another."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        environment = {
            # Collected style sheets would be served to every later test.
            "HUB_DATA_DIR": str(directory),
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "HUB_BASE_URL": self.address,
            "HUB_ALLOWED_HOSTS": "127.0.0.1",
            # Each post comes from a network of its own, or the limits would refuse it.
            "HUB_TRUSTED_PROXIES": "1",
        }
        # Pages name their style sheets by what is in them.
        with manage("collectstatic", "--noinput", "--verbosity=0", **environment) as collecting:
            said = collecting.communicate(timeout=120)
        if collecting.returncode:
            raise RuntimeError(said[1])
        command = [sys.executable, "-m", "gunicorn", "hub.wsgi", "--workers", "2", "--preload"]
        self.process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"],
            cwd=ROOT,
            env=os.environ | environment,
            start_new_session=True,
        )

    def wait(self) -> None:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/healthz").status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError("the web server did not start")

    def kill_one(self, chance: random.Random) -> bool:
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if not children:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(chance.choice(children)), signal.SIGKILL)
        return True

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@contextlib.contextmanager
def served(directory: Path) -> Iterator[Web]:
    web = Web(directory)
    try:
        web.wait()
        yield web
    finally:
        web.stop()


def send(web: Web, path: str, fields: dict[str, object], done: str) -> str:
    """Fill in the form of a page as a person would, pressing again after each broken
    connection; returns the page that says `done`."""
    network = str(uuid4().int % 200 + 1) + "." + ".".join(str(b) for b in uuid4().bytes[:3])
    with httpx.Client(
        base_url=web.address, headers={"X-Forwarded-For": network}, timeout=30
    ) as client:
        page = _again(lambda: client.get(path))
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        sent = fields | hidden
        headers = {"Origin": web.address}
        answer = _again(
            lambda: client.post(path, data=sent, headers=headers, follow_redirects=True)
        )
        assert done in answer.text, (answer.status_code, answer.text[:3000])
        return answer.text


def _again(ask) -> httpx.Response:
    for _ in range(60):
        with contextlib.suppress(httpx.HTTPError):
            answer = ask()
            if answer.status_code < 500:
                return answer
        time.sleep(0.1)
    raise RuntimeError("no answer after a minute")


def in_parallel(jobs, threads: int) -> list[str]:
    """Do all jobs; what each returned, or the error of the first that failed."""
    jobs, done, failed = list(jobs), [], []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not jobs or failed:
                    return
                job = jobs.pop()
            try:
                done.append(job())
            except Exception as error:
                failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]
    return done
