"""Real processes of the hub over the tests' own database, to be killed and cut off."""

import contextlib
import os
import random
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
from django.db import connection

from tests.hub.conftest import manage
from tests.hub.smtp import free_port

ROOT = Path(__file__).parents[2]
# Reading the machine's certificates takes longer than a visit, and nothing here asks for them.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Web:
    """gunicorn over the database of the running test, or over DATABASE_URL in `environment`.

    `kill_one` ends one of its processes the hard way; gunicorn starts another.
    """

    def __init__(self, directory: Path, workers: int = 2, **environment: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "HUB_DATA_DIR": str(directory),
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "HUB_BASE_URL": self.address,
            "HUB_ALLOWED_HOSTS": "127.0.0.1",
            # Each post comes from a network of its own, or the limits would refuse it.
            "HUB_TRUSTED_PROXIES": "1",
        } | environment
        command = [sys.executable, "-m", "gunicorn", "hub.wsgi", "--workers", str(workers)]
        self.process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"],
            cwd=ROOT,
            env=os.environ | self.environment,
            start_new_session=True,
        )

    def wait(self) -> None:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/healthz").status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError("the web server did not start")

    def kill_one(self, chance: random.Random) -> int:
        """The number of the process that was killed."""
        while not (children := self.children()):
            time.sleep(0.01)
        killed = chance.choice(children)
        with contextlib.suppress(ProcessLookupError):
            os.kill(killed, signal.SIGKILL)
        return killed

    def children(self) -> list[int]:
        parent = self.process.pid
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(child) for child in text.split()]

    def visitor(self) -> httpx.Client:
        """A browser in a network of its own."""
        network = str(uuid4().int % 200 + 1) + "." + ".".join(str(b) for b in uuid4().bytes[:3])
        return httpx.Client(
            base_url=self.address,
            headers={"X-Forwarded-For": network, "Origin": self.address},
            timeout=60,
            verify=_TLS,
            follow_redirects=True,
        )

    def worker(self, *args: str, mail_port: int) -> "subprocess.Popen[str]":
        mail = f"smtp://127.0.0.1:{mail_port}"
        return manage("worker", *args, **self.environment | {"EMAIL_URL": mail})

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(40)


@contextlib.contextmanager
def served(directory: Path, workers: int = 2, **environment: str) -> Iterator[Web]:
    web = Web(directory, workers, **environment)
    try:
        web.wait()
        yield web
    finally:
        web.stop()


def send(web: Web, path: str, fields: dict[str, object], done: str) -> str:
    """Fill in the form of a page as a person would, pressing again after each broken
    connection; returns the page that says `done`."""
    with web.visitor() as client:
        page = _again(lambda: client.get(path))
        sent = fields | hidden(page.text)
        answer = _again(lambda: client.post(path, data=sent))
        assert done in answer.text, (answer.status_code, answer.text[:3000])
        return answer.text


def hidden(page: str) -> dict[str, str]:
    """What the forms of a page carry unseen."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def _again(ask: Callable[[], httpx.Response]) -> httpx.Response:
    for _ in range(60):
        with contextlib.suppress(httpx.HTTPError):
            answer = ask()
            if answer.status_code < 500:
                return answer
        time.sleep(0.1)
    raise RuntimeError("no answer after a minute")


def in_parallel(jobs, threads: int) -> list:
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
