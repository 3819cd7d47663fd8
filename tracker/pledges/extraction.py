"""The main text of a web page, taken out by a process of its own.

Pages of strangers can keep a parser busy for minutes and fill the memory, so the work is done where it can be stopped:
this file is also the program that runs there, with limits on time, memory and length.
"""

import re
import subprocess
import sys
from pathlib import Path

SECONDS = 10
MEMORY = 1 << 30
LONGEST = 200_000  # characters
NOT_PRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]+")
SPACES = re.compile(r"[^\S\n]+")


def main_text(body: bytes, *, charset: str = "", seconds: float = SECONDS) -> str:
    """Empty when there is none, or none that could be taken within the limits."""
    command = [sys.executable, "-I", str(Path(__file__).resolve()), charset]
    try:
        done = subprocess.run(  # noqa: S603 - this very file
            command, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode() if done.returncode == 0 else ""


def tidy(text: str) -> str:
    """One space between words, no control characters, no empty lines: what two readings of a page have in common."""
    lines = (SPACES.sub(" ", NOT_PRINTABLE.sub(" ", line)).strip() for line in text.splitlines())
    return "\n".join(filter(None, lines))[:LONGEST]


def _limit_this_process() -> None:
    import resource

    for kind, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # not every system knows every limit; time is watched from outside as well
            continue


def _decoded(body: bytes, charset: str) -> str | bytes:
    """By the charset that the server named; without one the page's own words decide."""
    wider = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252"}
    try:
        return body.decode(wider.get(charset.lower(), charset), "replace") if charset else body
    except (LookupError, ValueError):
        return body


def _program() -> None:
    _limit_this_process()
    from trafilatura import extract

    page = _decoded(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(tidy(extract(page, include_comments=False) or "").encode())


if __name__ == "__main__":
    _program()
