"""Fetches addresses one after the other as the product does, in a process of its own; prints what came as JSON."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    code: str  # "200" or the code of the failure
    detail: str
    seconds: float
    megabytes: float  # by which the peak of the process's memory grew


def probe(*urls: str, **environment: str) -> list[Outcome]:
    command = [sys.executable, "-m", "tests.internet.probe", *urls]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", **environment}
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
    return [Outcome(**one) for one in json.loads(done.stdout)]


async def main(urls: list[str]) -> None:
    from django.conf import settings

    from tracker.fetching import Fetcher, FetchError, Policy

    outcomes = []
    async with Fetcher(Policy.of(settings)) as fetcher:
        for url in urls:
            begun, before = time.monotonic(), peak()
            try:
                answer = await fetcher.fetch(url)
                code, detail = str(answer.status), f"{len(answer.body)} bytes"
            except FetchError as error:
                code, detail = error.code, str(error)
            spent = {"seconds": time.monotonic() - begun, "megabytes": peak() - before}
            outcomes.append({"code": code, "detail": detail, **spent})
    sys.stdout.write(json.dumps(outcomes))


def peak() -> float:
    """Of this program alone; the system's count for children begins with the size of the one that started it."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
