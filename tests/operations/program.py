"""The whole program as a person starts it: `manage.py run` in a process of its own, on a free port."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import redis

ROOT = Path(__file__).resolve().parent.parent.parent
DECLARATION = ROOT / "fixtures" / "china-kazakhstan-2024.yaml"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data, **more):
    """Nothing of ours that happens to be set where the tests run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    ours = {"FOLLOWTHROUGH_DATA": str(data), "STATIC_ROOT": str(data / "static"), "EVIDENCE_COPIES": "off"}
    return {**kept, **ours, **more}


def manage(*arguments, data, **more):
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {condition}")
        time.sleep(0.1)
    return found


def children_of(pid):
    """Every living descendant."""
    found, generation = set(), {pid}
    while generation:
        generation = {child for parent in generation for child in _children(parent)} - found
        found |= generation
    return found


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Program:
    """Without the shipped feeds, and with no look behind links: tests speak to nobody but this machine."""

    def __init__(self, data, **more):
        self.data = data
        self.port = free_port()
        self.log = data.parent / f"{data.name}-{self.port}.log"
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "run", "--without-data", "--port", str(self.port)],
                cwd=ROOT,
                env=environment(data, **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        self.wait_for("ready at")
        return self

    def __exit__(self, *_):
        """Whatever happened, nothing of it stays."""
        left = children_of(self.popen.pid)
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        for pid in filter(is_alive, left):
            os.kill(pid, signal.SIGKILL)

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, words, seconds=60):
        def heard():
            assert self.popen.poll() is None, self.said()
            return words in self.said()

        wait_until(heard, seconds)

    def get(self, path):
        """Status and text, also of an answer that is an error."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def parts(self):
        return json.loads(self.get("/statusz")[1])["parts"]

    def states(self):
        return {name: part["state"] for name, part in self.parts().items()}

    def pid_of(self, words):
        """The direct child whose command line holds the words."""
        for pid in _children(self.popen.pid):
            if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                return pid
        return None

    def broker(self):
        return redis.Redis(unix_socket_path=str(self.data / "broker.sock"))

    def rows(self, query, *values):
        """Asks the database itself; also writes, where a test lets time pass."""
        with closing(sqlite3.connect(self.data / "followthrough.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(query, values).fetchall()
