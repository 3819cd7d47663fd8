"""Every check, one after the other: `make test`. Names each, tells how long it took, fails if one did.

A check that cannot run here is skipped and says why; where CI is set, that is a failure too.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from postgres import NotHereError, private_server

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable
PRODUCTION = {
    "FOLLOWTHROUGH_MODE": "production",
    "SECRET_KEY": "only-for-this-check-" + "a1b2c3d4e5f6g7h8" * 3,
    "ALLOWED_HOSTS": "tracker.example.org",
    "SITE_URL": "https://tracker.example.org",
    "DATABASE_URL": "postgres://user:password@127.0.0.1/none",
    "REDIS_URL": "redis://127.0.0.1/0",
}
PYTEST = [PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile"]


class SkippedError(Exception):
    """The text says why."""


class FailedError(Exception):
    pass


def run(*command: object, quiet: bool = True, **environment: str) -> None:
    """Quiet ones speak only when they fail."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError((done.stdout or "").strip())


def templates() -> None:
    run(BIN / "djade", "--check", "--target-version", "6.1", *sorted(ROOT.glob("templates/**/*.html")))


def tests_on_postgresql() -> None:
    try:
        with private_server() as url:
            run(*PYTEST, "-m", "not browser and not processes", quiet=False, DATABASE_URL=url)
    except NotHereError as error:
        raise SkippedError(str(error)) from error


def tests_in_a_browser() -> None:
    if not shutil.which("chromium"):
        raise SkippedError("chromium was not found; install the package chromium")
    run(PYTHON, "-m", "pytest", "-m", "browser", quiet=False)


CHECKS: Mapping[str, Callable[[], None]] = {
    "style": lambda: run(BIN / "ruff", "check", "."),
    "layout": lambda: run(BIN / "ruff", "format", "--check", "."),
    "templates": templates,
    "types": lambda: run(BIN / "mypy"),
    "migrations": lambda: run(PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
    "deployment": lambda: run(PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION),
    "tests on SQLite": lambda: run(*PYTEST, "-m", "not browser", quiet=False),
    "tests on PostgreSQL": tests_on_postgresql,
    "tests in a browser": tests_in_a_browser,
}


def main() -> int:
    counted = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []
    for name, check in CHECKS.items():
        say(f"{name} …")
        begun = time.monotonic()
        try:
            check()
            outcome, reason = "passed", ""
        except FailedError as error:
            outcome, reason = "failed", str(error)
        except SkippedError as error:
            outcome, reason = ("failed" if os.environ.get("CI") else "skipped"), str(error)
        if reason:
            say(reason)
        if outcome == "failed":
            failures.append(name)
        counted[outcome] += 1
        say(f"{name}: {outcome} in {time.monotonic() - begun:.1f} s\n")
    if failures:
        say(f"failed: {', '.join(failures)}")
    say("checks: " + ", ".join(f"{number} {outcome}" for outcome, number in counted.items()))
    return 1 if failures else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
