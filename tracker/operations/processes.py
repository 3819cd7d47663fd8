"""One supervised process: a session of its own, its lines marked with its name, and no way to outlive us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
LONGEST_LINE = 65_536
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Service:
    name: str
    command: list[str]
    is_ready: Callable[[], bool] = lambda: True


class Process:
    """A service that runs, or that waits to be started again."""

    def __init__(self, service: Service, environment: Mapping[str, str]) -> None:
        self.service = service
        self.environment = environment
        self.popen: subprocess.Popen[bytes] | None = None
        self.start_at = 0.0
        self.started_at = 0.0
        self.failures = 0
        self._unfinished = b""

    @property
    def name(self) -> str:
        return self.service.name

    def start(self) -> None:
        parent = os.getpid()

        def tie_to_parent() -> None:
            """Linux tells the child when we are killed without a chance to stop it."""
            if _libc:
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        self.started_at = time.monotonic()
        self.popen = subprocess.Popen(  # noqa: S603 - our own commands
            self.service.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.environment),
            start_new_session=True,  # Ctrl-C reaches us alone; we choose who stops when
            preexec_fn=tie_to_parent,
        )
        assert self.popen.stdout
        os.set_blocking(self.popen.stdout.fileno(), False)

    def lines(self) -> list[str]:
        """What the process wrote since the last call, whole lines only."""
        if not self.popen or not self.popen.stdout:
            return []
        while chunk := self._read():
            self._unfinished += chunk
        *whole, self._unfinished = self._unfinished.split(b"\n")
        if len(self._unfinished) > LONGEST_LINE or (self._unfinished and self.popen.poll() is not None):
            whole, self._unfinished = [*whole, self._unfinished], b""
        return [line.decode(errors="replace").rstrip() for line in whole]

    def _read(self) -> bytes:
        assert self.popen
        assert self.popen.stdout
        with contextlib.suppress(BlockingIOError):
            return os.read(self.popen.stdout.fileno(), LONGEST_LINE)
        return b""

    def is_alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def plan_restart(self) -> float:
        """After an end that nobody asked for: waits longer each time, until it has run for a while."""
        now = time.monotonic()
        self.failures = 1 if now - self.started_at > STEADY_AFTER else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self.start_at = now + pause
        self.clear_away()
        return pause

    def how_it_ended(self) -> str:
        code = self.popen.returncode if self.popen else 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def terminate(self) -> None:
        if self.popen and self.is_alive():
            self.popen.terminate()

    def clear_away(self) -> None:
        """Kills what is left of the whole group, grandchildren included."""
        if not self.popen:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()
        self.popen = None
