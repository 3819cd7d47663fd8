"""Makes `.venv` hold exactly what the lock file says; does nothing when it already does.

    python3 tools/environment.py run    what the product needs
    python3 tools/environment.py dev    the same, and what its checks need

Runs on any Python from 3.6 on, finds one of 3.12 or newer for the product, and needs nothing but the package index.
"""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.json")
OLDEST = (3, 12)
LOCKS = {"run": "requirements/run.txt", "dev": "requirements/dev.txt"}

# What an installer's complaint means, and what to do about it.
FULL = ("no space left", "disk quota")
CHANGED = ("hash mismatch", "do not match the hashes")
FORBIDDEN = ("permission denied",)
UNREACHABLE = (
    "dns error",
    "name resolution",
    "failed to fetch",
    "connection refused",
    "client error (connect)",
    "network is unreachable",
    "max retries exceeded",
    "no matching distribution",
    "not found in the package registry",
    "no solution found",
    "timed out",
)
REMEDIES = (
    (FULL, "the disk is full: free about 1 GB and run it again"),
    (CHANGED, "a package differs from its locked hash: empty the package cache and run it again"),
    (UNREACHABLE, "the package index cannot be reached: check the network, UV_DEFAULT_INDEX and PIP_INDEX_URL"),
    (FORBIDDEN, "this user may not write here: check who owns " + ROOT),
)


class PreparationError(Exception):
    """One line: cause and remedy."""


def main(wanted):
    os.chdir(ROOT)  # a .python-version only counts from here
    if is_up_to_date(wanted):
        return
    with uv_program() as uv:
        if version_of(PYTHON) < OLDEST:
            make_environment(find_python(uv), uv)
        install(LOCKS[wanted], uv)
    with open(STAMP, "w") as file:
        json.dump(state_after(wanted), file)


# -- What is there already


def fingerprint(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def state_after(wanted):
    """The development lock holds all of the product's, so installing it serves both."""
    names = ("run", "dev") if wanted == "dev" else ("run",)
    return {"python": list(version_of(PYTHON)), "locks": {name: fingerprint(LOCKS[name]) for name in names}}


def is_up_to_date(wanted):
    try:
        with open(STAMP) as file:
            state = json.load(file)
    except (OSError, ValueError):
        return False
    same = state.get("locks", {}).get(wanted) == fingerprint(LOCKS[wanted])
    return same and tuple(state.get("python", ())) == version_of(PYTHON) >= OLDEST


# -- Python


def version_of(program):
    """(0,) if it is not there or does not work, as a pyenv shim for a version that is not installed."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1], sys.version_info[2])"
    try:
        said = subprocess.check_output([program, "-c", code], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return tuple(int(number) for number in said.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return (0,)


def find_python(uv):
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    names = ["python3.13", "python3.12", "python3.14", sys.executable, "python3"]
    for name in names + sorted(glob.glob(os.path.join(pyenv, "versions", "3.1[2-9]*", "bin", "python"))):
        found = name if os.path.isabs(name) else shutil.which(name)
        if found and version_of(found) >= OLDEST:
            return found
    with suppress(PreparationError):
        if uv:
            run("Asking uv for Python 3.13", [uv, "python", "install", "3.13"])
            return run("Finding it", [uv, "python", "find", "3.13"]).strip().splitlines()[-1]
    raise PreparationError(
        "no Python 3.12 or newer is here: install python3.13 (or `uv python install 3.13`) and run it again"
    )


# -- Installing


@contextmanager
def uv_program():
    """The machine's uv, else one in a folder that is thrown away, else none: pip does it too, slower."""
    found = shutil.which("uv")
    if found and works([found, "--version"]):
        yield found
        return
    folder = tempfile.mkdtemp(prefix="followthrough-uv-")
    try:
        yield fetch_uv(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fetch_uv(folder):
    python = os.path.join(folder, "bin", "python")
    try:
        run("Preparing the installer", [sys.executable, "-m", "venv", folder])
        run("Fetching the installer", [python, "-m", "pip", "install", "--require-hashes", "-r", "requirements/uv.txt"])
    except PreparationError:
        return None
    return os.path.join(folder, "bin", "uv")


def works(command):
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) == 0


def make_environment(python, uv):
    say(f"Python {'.'.join(map(str, version_of(python)))} at {python}")
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        run("Making .venv", [uv, "venv", "--python", python, VENV])
    else:
        run("Making .venv", [python, "-m", "venv", VENV])


def install(lock, uv):
    with open(lock) as file:
        what = f"Installing {sum('==' in line for line in file)} packages of {lock}"
    if uv:
        try:
            run(what, [uv, "pip", "sync", "--require-hashes", "--python", PYTHON, lock])
            return
        except PreparationError as failure:
            if str(failure) == diagnose(FULL[0]):
                raise
            say(f"uv could not ({failure}); trying pip")
    if not works([PYTHON, "-m", "pip", "--version"]):
        run("Adding pip", [PYTHON, "-m", "ensurepip"])
    run(what + " with pip", [PYTHON, "-m", "pip", "install", "--require-hashes", "-r", lock])


# -- Saying what is done


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(what, command):
    """Tells what it does and how long it takes; returns what the command said."""
    begun = told = time.time()
    with tempfile.TemporaryFile("w+") as log:
        say(what + " …")
        try:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise PreparationError(f"{command[0]}: {error.strerror}") from error
        while process.poll() is None:
            time.sleep(0.05)
            if time.time() - told > 5:
                told = time.time()
                say(f"  … {told - begun:.0f} s")
        log.seek(0)
        said = log.read()
    if process.returncode:
        raise PreparationError(diagnose(said))
    if time.time() - begun > 2:
        say(f"  done in {time.time() - begun:.1f} s")
    return said


def diagnose(said):
    lowered = said.lower()
    for signs, remedy in REMEDIES:
        if any(sign in lowered for sign in signs):
            return remedy
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except PreparationError as failure:
        sys.exit(f"Cannot prepare the environment: {failure}.")
    except OSError as error:
        sys.exit(f"Cannot prepare the environment: {diagnose(str(error))}.")
    except KeyboardInterrupt:
        sys.exit(130)
