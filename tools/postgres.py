"""A PostgreSQL server of our own: made in a temporary folder, on a free port, gone afterwards."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
# Nothing in it outlives the checks, so nothing needs to reach the disk.
HASTE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


class NotHereError(Exception):
    """The text says what to install."""


def programs() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    found = [os.path.realpath(on_path)] if on_path else sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        raise NotHereError("initdb was not found; install the package postgresql")
    return Path(found[-1]).parent


def as_server(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    try:
        pwd.getpwnam(USER)
    except KeyError:
        raise NotHereError(f"as root it needs a user named {USER}; install the package postgresql") from None
    return ["runuser", "-u", USER, "--", *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def private_server() -> Iterator[str]:
    """Gives the DATABASE_URL of an empty database. Raises NotHereError."""
    folder = programs()
    home = Path(tempfile.mkdtemp(prefix="followthrough-pg-", dir="/tmp"))
    data, port = home / "data", free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {home} {HASTE}"
    try:
        if os.geteuid() == 0:
            shutil.chown(home, USER)
        initdb = [str(folder / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        control = [str(folder / "pg_ctl"), "-D", str(data), "-w"]
        run(as_server([*initdb, "--locale=C.UTF-8"]), home)
        run(as_server([*control, "-o", options, "-l", str(home / "log"), "start"]), home)
        try:
            yield f"postgres://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run(as_server([*control, "-m", "immediate", "stop"]), home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(command: list[str], home: Path) -> None:
    done = subprocess.run(command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotHereError(f"{Path(command[0]).name} failed: {' '.join(last)}")
