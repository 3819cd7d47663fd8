import fcntl
import os
import sys
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from tracker.operations import broker, web
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
        site = os.environ.get("SITE_URL") or f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
        try:
            settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
            with only_instance(settings.DATA_DIR, site):
                web.check_port(host, port)
                call_command("set_up", without_data=without_data)
                connections.close_all()
                self._supervise(host, port, site)
        except (StartError, broker.NoBrokerError, web.PortError, OSError) as error:
            sys.exit(f"Cannot run: {error}")

    def _supervise(self, host: str, port: int, site: str) -> None:
        first = []
        if broker.is_embedded():
            first = [Service("broker", broker.embedded_command(settings.DATA_DIR), broker.answers)]
        supervisor = Supervisor(
            first=first,
            others=[
                Service("web", web.command(host, port), lambda: web.answers(host, port)),
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
