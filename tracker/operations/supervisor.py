"""Runs the services as one foreground program: starts them in order, restarts what dies, stops the broker last."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tracker.operations.processes import Process, Service

TURN = 0.2
TELL_EVERY = 3.0
LONGEST_START = 90.0
GRACE = 8.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """The text says what did not start and what to do."""


class Supervisor:
    """`first` is there before the others start and until they have stopped: the broker, if it is ours to run."""

    def __init__(
        self,
        *,
        first: Sequence[Service],
        others: Sequence[Service],
        environment: Mapping[str, str],
        say: Callable[[str, str], None],
    ) -> None:
        self.first = [Process(service, environment) for service in first]
        self.others = [Process(service, environment) for service in others]
        self.say = say
        self.asked_to_stop = 0

    @property
    def processes(self) -> list[Process]:
        return [*self.first, *self.others]

    def run(self, on_ready: Callable[[], None]) -> None:
        """Returns when somebody asked it to stop and everything has. Raises StartError."""
        with self._heeding_signals():
            try:
                self._start(self.first)
                self._start(self.others)
                if not self.asked_to_stop:
                    on_ready()
                while not self.asked_to_stop:
                    self._turn()
            finally:
                self._stop(self.others)
                self._stop(self.first)

    @contextmanager
    def _heeding_signals(self) -> Any:
        def heed(*_: Any) -> None:
            self.asked_to_stop += 1

        before = {number: signal.signal(number, heed) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, processes: list[Process]) -> None:
        begun = told = time.monotonic()
        for process in processes:
            process.start()
        while not self.asked_to_stop:
            missing = [process.name for process in processes if not process.service.is_ready()]
            if not missing:
                return
            now = time.monotonic()
            if now - begun > LONGEST_START:
                raise StartError(f"{' and '.join(missing)} did not answer within {LONGEST_START:.0f} s; see above.")
            if now - told > TELL_EVERY:
                self.say("run", f"waiting for {' and '.join(missing)}, {now - begun:.0f} s")
                told = now
            self._turn()

    def _turn(self) -> None:
        time.sleep(TURN)
        for process in self.processes:
            self._pass_on(process)
            if process.popen is None:
                if process.start_at and time.monotonic() >= process.start_at:
                    process.start()
            elif not process.is_alive():
                self._pass_on(process)
                end = process.how_it_ended()
                pause = process.plan_restart()
                self.say("run", f"{process.name} ended ({end}); starting it again in {pause:.0f} s")

    def _pass_on(self, process: Process) -> None:
        for line in process.lines():
            self.say(process.name, line)

    def _stop(self, processes: list[Process]) -> None:
        """Asks first; whoever has not gone in time, or at the second request, is killed. Nothing depends on asking."""
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + GRACE
        while any(process.is_alive() for process in processes):
            if time.monotonic() > deadline or self.asked_to_stop > 1:
                break
            time.sleep(TURN / 4)
            for process in processes:
                self._pass_on(process)
        for process in processes:
            self._pass_on(process)
            process.clear_away()
