"""The web server process: how it is started, whether it can be, whether it answers."""

import errno
import http.client
import os
import socket
import sys

from django.conf import settings


class PortError(Exception):
    """Nothing can listen there; the text says what to do."""


def command(host: str, port: int) -> list[str]:
    """Few threads: the work is done by one interpreter, and slow clients are not kept waiting by a thread."""
    threads = min(8, 2 * (os.cpu_count() or 1) + 1)
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"),
        *("--host", host, "--port", str(port), "--workers", "1", "--blocking-threads", str(threads)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "config.wsgi:application"),
    ]


def check_port(host: str, port: int) -> None:
    """Asks before anything is started, so that the answer is one line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise PortError(f"port {port} does not exist: choose one from 1024 to 65535.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortError(f"port {port} is busy. Choose another one: make run PORT={port + 1}") from None
            if error.errno == errno.EACCES:
                raise PortError(f"port {port} needs more rights. Choose one from 1024 upward.") from None
            raise PortError(f"cannot listen at {host}: {error.strerror}.") from None


def answers(host: str, port: int, seconds: float = 1) -> bool:
    """Speaks HTTP itself: a proxy named in the environment has no business here."""
    allowed = next((host for host in settings.ALLOWED_HOSTS if not host.startswith(("*", "."))), "localhost")
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/healthz", headers={"Host": allowed})
        return connection.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()
