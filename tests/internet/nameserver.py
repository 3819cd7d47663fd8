"""A small DNS server over UDP (RFC 1035) that tells what it is told to tell, lies included."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import ip_address

A, AAAA = 1, 28
NAME_ERROR = 3
Answer = Sequence[str] | Callable[[int], Sequence[str]]


class NameServer:
    """`names` gives each name its addresses, or a function of how often that name was asked for them (0, 1, …)."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.names: dict[str, Answer] = {}
        self.asked: Counter[tuple[str, int]] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                query, client = self._socket.recvfrom(1500)
            except OSError:  # closed
                return
            threading.Thread(target=self._reply, args=(query, client), daemon=True).start()

    def _reply(self, query: bytes, client: tuple[str, int]) -> None:
        reply = self._answer(query)
        try:
            self._socket.sendto(reply, client)
        except OSError:  # closed meanwhile
            return

    def _answer(self, query: bytes) -> bytes:
        labels, place = [], 12
        while length := query[place]:
            labels.append(query[place + 1 : place + 1 + length].decode("ascii", "replace").lower())
            place += 1 + length
        question = query[12 : place + 5]
        (kind,) = struct.unpack("!H", query[place + 1 : place + 3])
        name = ".".join(labels)
        addresses = self._addresses(name, kind)
        found = [ip_address(one) for one in addresses or ()]
        matching = [one for one in found if one.version == (4 if kind == A else 6)]
        flags = 0x8180 | (NAME_ERROR if addresses is None else 0)
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(one.packed)) + one.packed for one in matching
        )
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(matching), 0, 0) + question + records

    def _addresses(self, name: str, kind: int) -> Sequence[str] | None:
        """None where there is no such name."""
        answer = self.names.get(name)
        turn = self.asked[name, kind]
        self.asked[name, kind] += 1
        return answer(turn) if callable(answer) else answer
