"""gunicorn.conf.py: the hub is served by it, and its log says nothing of a visitor."""

import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
CANARY = "canary-4F7A"


@pytest.fixture(scope="module")
def made():
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def logged(made, message: str, *args: object) -> str:
    """What a handler of gunicorn's writes of a message within an exception."""
    [handler] = made["logconfig_dict"]["handlers"].values()
    assert handler["filters"] == ["no visitors"]
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "", 1, message, args, None)
    assert made["NoVisitors"]().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"Invalid request from ip=203.0.113.7: Invalid Request Line '{CANARY}'", ()),
        ("Error handling request %s %s", ("GET", f"/calls/sign-up/{CANARY}/")),
        ("Error handling request %s", (f"/calls/sign-up/{CANARY}/",)),
    ],
)
def test_of_a_request_that_failed_it_says_only_that_it_did(made, message, args):
    said = logged(made, message, *args)
    assert said in {"Invalid request", "Error handling request"}


def test_what_it_says_of_itself_is_kept(made):
    assert logged(made, "Worker exiting (pid: %s)", 7) == "Worker exiting (pid: 7)"


def test_without_an_access_log(made):
    assert made["accesslog"] is None
    assert made["logconfig_dict"]["loggers"]["gunicorn.access"]["handlers"] == []


def test_the_hub_is_served_and_a_broken_request_leaves_no_trace_of_who_sent_it():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "hub.wsgi", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=os.environ | {"WEB_CONCURRENCY": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = []
        for line in server.stderr:
            said.append(line)
            if "Booting worker" in line:
                break
        assert "Using worker: gthread" in "".join(said)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok\n"
        # Its line is no HTTP, and names a private page.
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(f"GET /calls/sign-up/{CANARY}/ and more\r\n\r\n".encode())
            assert b"400 Bad Request" in stranger.makefile("rb").read()
    finally:
        server.send_signal(signal.SIGTERM)
        rest = server.communicate(timeout=60)[1]
    assert "WARNING gunicorn.error: Invalid request\n" in rest
    assert CANARY not in rest
    assert "127.0.0.1" not in rest
    assert server.returncode == 0
