"""deploy/: what can be known of it without Docker, systemd and nginx, none of which runs here."""

import configparser
import os
import re
import runpy
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.conf import settings

from hub.checks import QUIET
from tests.test_structure import ROOT, files, said, text

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("hub-*"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


class TestDockerfile:
    @pytest.fixture
    def steps(self) -> list[list[str]]:
        whole = re.sub(r"^#.*\n", "", text(DEPLOY / "Dockerfile"), flags=re.MULTILINE)
        lines = whole.replace("\\\n", " ").splitlines()
        return [line.split(None, 1) for line in lines if line.strip()]

    def test_the_last_stage_ends_as_nobody_in_particular(self, steps):
        last = [number for number, (name, _) in enumerate(steps) if name == "FROM"][-1]
        users = [what for name, what in steps[last:] if name == "USER"]
        assert users == ["10001:10001"]
        then = steps[steps.index(["USER", "10001:10001"]) :]
        assert {name for name, _ in then} <= {"USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}

    def test_nothing_is_taken_from_an_address_and_each_base_has_a_version(self, steps):
        assert "ADD" not in {name for name, _ in steps}
        bases = [what.split()[0] for name, what in steps if name == "FROM"]
        assert set(bases) == {"python:3.11-slim-bookworm"}
        assert "https://" not in "".join(w for _, w in steps).replace("https://nowhere.invalid", "")

    def test_the_python_is_the_one_the_requirements_were_made_for(self):
        made_for = re.search(r"with Python (\S+)", text(ROOT / "requirements/base.txt"))[1]
        assert f"python:{made_for}-" in text(DEPLOY / "Dockerfile")

    def test_requirements_are_held_to_their_hashes(self, steps):
        [install] = [what for name, what in steps if name == "RUN" and "pip install" in what]
        assert "--require-hashes" in install
        assert "--only-binary :all:" in install

    def test_no_layer_keeps_a_setting(self, steps):
        kept = " ".join(what for name, what in steps if name in {"ENV", "ARG"})
        assert not re.search(r"SECRET|KEY|PASSWORD|DATABASE_URL|EMAIL_URL", kept)

    def test_what_goes_into_the_image_is_the_hub_and_nothing_else(self):
        lines = text(ROOT / ".dockerignore").splitlines()
        assert lines[1] == "*"
        let_in = [line[1:] for line in lines if line.startswith("!")]
        for name in let_in:
            assert (ROOT / name).exists(), name
        wanted = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]
        assert {*wanted["root_packages"], "templates", "static", "manage.py"} < set(let_in)
        assert not {"var", "tests", ".git", ".venv", "deploy", "deploy/hub.env"} & set(let_in)


class TestCompose:
    @pytest.fixture
    def services(self) -> dict[str, dict[str, object]]:
        return yaml.safe_load(text(DEPLOY / "compose.yaml"))["services"]

    def test_all_of_the_hub_is_there(self, services):
        assert set(services) == {"web", "worker", "migrate", "database", "backup", "mail"}
        for name in ("web", "worker"):
            assert services[name]["depends_on"] == {
                "migrate": {"condition": "service_completed_successfully"}
            }

    def test_each_can_do_and_write_only_what_it_must(self, services):
        for name, service in services.items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert "privileged" not in service, name
            assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))

    def test_none_is_reached_from_outside_the_machine(self, services):
        ports = [port for service in services.values() for port in service.get("ports", [])]
        assert len(ports) == 2
        assert all(port.startswith("127.0.0.1:") for port in ports)
        assert services["database"]["networks"] == ["inside"]
        networks = yaml.safe_load(text(DEPLOY / "compose.yaml"))["networks"]
        assert networks["inside"] == {"internal": True}

    def test_no_password_is_written_down(self, services):
        for service in services.values():
            for name, value in service.get("environment", {}).items():
                if "PASSWORD" in name or name == "DATABASE_URL":
                    assert "${HUB_DATABASE_PASSWORD:?" in value
        assert "deploy/hub.env" in text(ROOT / ".gitignore")

    def test_the_database_keeps_what_people_typed_out_of_its_log(self, services):
        command = services["database"]["command"]
        for name, quiet in QUIET.items():
            [value] = [part.split("=")[1] for part in command if part.startswith(f"{name}=")]
            assert value in quiet

    def test_gunicorn_has_the_time_to_end(self, services):
        graceful = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
        assert int(services["web"]["stop_grace_period"].rstrip("s")) > graceful
        assert int(unit(DEPLOY / "systemd/hub-web.service")["Service"]["TimeoutStopSec"]) > graceful


def unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(text(path))
    return parser


class TestUnits:
    def test_there_are_web_worker_and_a_nightly_backup(self):
        names = {path.name for path in UNITS}
        assert names == {
            "hub-web.service",
            "hub-worker.service",
            "hub-backup.service",
            "hub-backup.timer",
        }
        timer = unit(DEPLOY / "systemd/hub-backup.timer")
        assert timer["Timer"]["OnCalendar"] == "*-*-* 03:00:00 America/Los_Angeles"
        assert timer["Timer"]["Persistent"] == "yes"

    @pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
    def test_each_is_fenced_in(self, path):
        service = unit(path)["Service"]
        assert service["User"] not in {"", "root"}
        assert service["ProtectSystem"] == "strict"
        assert service["UMask"] == "0077"
        for name in (
            "NoNewPrivileges",
            "PrivateTmp",
            "PrivateDevices",
            "ProtectHome",
            "ProtectKernelTunables",
            "ProtectControlGroups",
            "RestrictNamespaces",
            "RestrictSUIDSGID",
            "LockPersonality",
        ):
            assert service[name] == "yes", name
        more = "CAP_DAC_READ_SEARCH" if path.name == "hub-backup.service" else ""
        assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == more

    @pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
    def test_settings_come_from_a_file_and_what_is_started_is_there(self, path):
        service = unit(path)["Service"]
        assert service["EnvironmentFile"].startswith("/etc/hub/")
        assert not re.search(r"SECRET|KEY|PASSWORD", service["Environment"])
        program, *args = service["ExecStart"].split()
        assert program.startswith("/opt/hub/")
        if ".venv" not in program:
            assert os.access(ROOT / program.removeprefix("/opt/hub/"), os.X_OK)
        if "manage.py" in args:
            command = args[args.index("manage.py") + 1]
            assert (ROOT / "hub/management/commands" / f"{command}.py").exists()
        documented = unit(path)["Unit"]["Documentation"].removeprefix("file:/opt/hub/")
        assert (ROOT / documented).exists()


class TestProxy:
    @pytest.fixture
    def conf(self) -> str:
        return re.sub(r"#.*", "", text(DEPLOY / "nginx.conf"))

    def test_it_writes_no_path_and_no_visitor_down(self, conf):
        assert conf.count("server {") == conf.count("access_log off;") == 3
        assert "log_format" not in conf
        assert re.findall(r"error_log \S+ (\w+);", conf) == ["crit"]

    def test_its_braces_and_lines_are_whole(self, conf):
        assert conf.count("{") == conf.count("}")
        for line in conf.splitlines():
            assert not line.strip() or line.rstrip()[-1] in ";{}", line

    def test_it_tells_the_hub_what_the_hub_believes(self, conf):
        for header in (
            "Host $host",
            "X-Forwarded-For $proxy_add_x_forwarded_for",
            "X-Forwarded-Proto $scheme",
        ):
            assert f"proxy_set_header {header};" in conf

    def test_it_lets_through_what_the_hub_takes(self, conf):
        allowed = int(re.search(r"client_max_body_size (\d+)m;", conf)[1]) * 1024 * 1024
        assert allowed == settings.BACK_OFFICE_UPLOAD_MAX_SIZE
        kept = int(re.search(r"client_body_buffer_size (\d+)k;", conf)[1]) * 1024
        assert kept == settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("name", ["deploy/backup", "deploy/restore", "tests/audit", "tests/lint"])
def test_a_shell_reads_each_script(name):
    assert text(ROOT / name).startswith("#!/bin/sh\n")
    done = subprocess.run(["sh", "-n", name], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    if name.startswith("deploy/"):
        assert os.access(ROOT / name, os.X_OK)


@pytest.mark.parametrize(("status", "ended"), [(200, 0), (503, 1), (404, 1), (None, 1)])
def test_the_health_check_ends_as_the_hub_is(status, ended):
    asked = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hub)
    port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    if status:
        thread.start()
    else:
        server.server_close()
    done = subprocess.run(
        [sys.executable, str(DEPLOY / "healthcheck.py"), str(port)],
        env={"HUB_BASE_URL": "https://hub.example.org"},
        check=False,
    )
    if status:
        server.shutdown()
        thread.join()
        server.server_close()
        assert asked == [("/healthz", "hub.example.org")]
    assert done.returncode == ended


# A developer's own, or of another program.
ELSEWHERE = {"HUB_LOCAL", "HUB_STAFF_SECOND_FACTOR"}


def test_each_setting_that_is_read_is_explained_and_each_explained_is_read():
    read = set(re.findall(r'"((?:HUB|STRIPE)_[A-Z_]+|\w+_URL)"', text(ROOT / "hub/settings.py")))
    read -= {"STATIC_URL"}
    pages = text(ROOT / "README.md") + text(ROOT / "docs/operations.md")
    cells = re.findall(r"^\| (`[A-Z_]+`[^|]*) \|", pages, re.MULTILINE)
    explained = {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)}
    assert "HUB_SECRET_KEY" in read & explained
    assert read - explained - ELSEWHERE == set()
    assert explained - read == set()
    for name in re.findall(r"^(?:# )?([A-Z_]+)=", text(DEPLOY / "hub.env.example"), re.MULTILINE):
        assert name in explained


REGISTRIES = re.compile(
    r"pypi\.|pythonhosted|npmjs|docker\.io|ghcr\.io|quay\.io|gcr\.io|proxy\.golang|crates\.io"
    r"|index-url|extra-index|find-links\s*=|registry\.[\w.-]+\.[a-z]{2,3}\b",
    re.IGNORECASE,
)


def test_no_file_says_where_packages_come_from():
    ours = files("")
    assert len(ours) > 500
    for path in ours:
        # Lists of packages have tests of their own; pip-compile is told to leave hosts out.
        if any(fnmatch(said(path), p) for p in ("requirements/*", "Makefile", "tests/test_*.py")):
            continue
        if path.is_symlink() or path.suffix in {".png", ".pdf", ".xlsx", ".docx"}:
            continue
        found = REGISTRIES.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{said(path)}: {found}"


def links(page: str) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    return [link.partition("#")[0] for link in found if "://" not in link and link[0] != "#"]


def test_each_link_of_the_documents_leads_somewhere():
    for path in files(".md"):
        for link in links(text(path)):
            assert (path.parent / link).exists(), f"{said(path)}: {link}"


def test_each_test_that_security_md_names_is_there():
    """A row of the table that says "tested" names a file, or a file and a test in it."""
    page = text(ROOT / "docs/security.md")
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page))
    assert len(named) > 20
    for file, name in named:
        assert (ROOT / file).exists(), file
        if name:
            assert re.search(rf"(def|class) {name}\b", text(ROOT / file)), f"{file}::{name}"
