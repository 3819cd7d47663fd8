import errno
import fcntl
import http.client
import os
import socket
import sys
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from tracker.operations import broker
from tracker.operations.processes import Service
from tracker.operations.supervisor import StartError, Supervisor

QUEUES = "poll,match,mail"


class Command(BaseCommand):
    help = "Sets up what is missing, then runs web server, worker, beat and broker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--without-data", action="store_true", help="start with an empty record")

    def handle(self, *args: Any, host: str, port: int, without_data: bool, **options: Any) -> None:
        site = os.environ.get("SITE_URL") or f"http://{host}:{port}"
        try:
            settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
            with only_instance(settings.DATA_DIR, site):
                check_port(host, port)
                call_command("set_up", without_data=without_data)
                connections.close_all()
                self._supervise(host, port, site)
        except (StartError, broker.NoBrokerError, OSError) as error:
            sys.exit(f"Cannot run: {error}")

    def _supervise(self, host: str, port: int, site: str) -> None:
        first = []
        if broker.is_embedded():
            first = [Service("broker", broker.embedded_command(settings.DATA_DIR), broker.answers)]
        supervisor = Supervisor(
            first=first,
            others=[
                Service("web", web_command(host, port), lambda: answers(host, port)),
                Service("worker", celery_command("worker", "--pool", "threads", "--concurrency", "8", "-Q", QUEUES)),
                Service("beat", celery_command("beat")),
            ],
            environment={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "FOLLOWTHROUGH_DATA": str(settings.DATA_DIR),
                "SITE_URL": site,
                "PYTHONUNBUFFERED": "1",
                "PYTHONWARNINGS": "ignore:You're running the worker with superuser",  # we say it in one line
            },
            say=self._say,
        )
        if os.geteuid() == 0:
            self._say("run", "this is the root user; an account without special rights is safer")
        self._say("run", "starting " + ", ".join(process.name for process in supervisor.processes))
        supervisor.run(on_ready=lambda: self._say("run", f"ready at {site} (Ctrl-C stops everything)"))
        self._say("run", "stopped")

    def _say(self, name: str, line: str) -> None:
        try:
            self.stdout.write(f"{name:<6} | {line}")
            self.stdout.flush()
        except BrokenPipeError:  # whoever read along has gone; the services have not
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def web_command(host: str, port: int) -> list[str]:
    options = ["--host", host, "--port", str(port), "--interface", "wsgi", "--no-ws", "--log-level", "warning"]
    threads = str(min(8, 2 * (os.cpu_count() or 1) + 1))
    limits = [
        "--workers",
        "1",
        "--blocking-threads",
        threads,
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "5",
    ]
    return [sys.executable, "-m", "granian", *options, *limits, "config.wsgi:application"]


def celery_command(role: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "--app", "config", role, *options]


@contextmanager
def only_instance(data: Path, site: str) -> Any:
    """A lock that the system itself lifts when we die, however we die."""
    with (data / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(_who_holds(file, data)) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {site}")
        file.flush()
        yield


def _who_holds(file: TextIO, data: Path) -> str:
    file.seek(0)
    holder = file.read(200) or "another process"
    return f"it already runs on {data} ({holder}). Stop that one, or set FOLLOWTHROUGH_DATA to another folder."


def check_port(host: str, port: int) -> None:
    """Asks before anything is started, so that the answer is one line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise StartError(f"port {port} does not exist: choose one from 1024 to 65535.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(f"port {port} is busy. Choose another one: make run PORT={port + 1}") from None
            if error.errno == errno.EACCES:
                raise StartError(f"port {port} needs more rights. Choose one from 1024 upward.") from None
            raise StartError(f"cannot listen at {host}: {error.strerror}.") from None


def answers(host: str, port: int) -> bool:
    """Speaks HTTP itself: a proxy named in the environment has no business here."""
    allowed = next((host for host in settings.ALLOWED_HOSTS if not host.startswith(("*", "."))), "localhost")
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": allowed})
        return connection.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()
