"""Content codings, undone under a cap."""

import zlib

from tracker.fetching.errors import BadResponseError, TooLargeError

WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Decoder:
    """Undoes the content coding piece by piece, so that a bomb is noticed while it unfolds."""

    def __init__(self, coding: str, limit: int) -> None:
        coding = coding.strip().lower()
        if coding not in ("", "identity", *WINDOWS):
            raise BadResponseError(f"the content coding {coding[:40]!r} was not asked for")
        self._window = WINDOWS.get(coding)
        self._inflate = zlib.decompressobj(self._window) if self._window else None
        self._room = limit
        self._limit = limit

    def __call__(self, data: bytes) -> bytes:
        piece = self._undo(data) if self._inflate else data
        self._room -= len(piece)
        if self._room < 0:
            raise TooLargeError(f"more than {self._limit:,} bytes when decompressed")
        return piece

    def _undo(self, data: bytes) -> bytes:
        pieces, room = [], self._room + 1
        while data and room > 0:
            assert self._inflate is not None
            if self._inflate.eof:  # gzip allows several members in a row
                self._inflate = zlib.decompressobj(self._window or 31)
            try:
                pieces.append(self._inflate.decompress(data, room))
            except zlib.error as error:
                if self._window != 15:
                    raise BadResponseError("the compressed body is damaged") from error
                # Some servers send "deflate" without the zlib header the standard asks for.
                self._window = -15
                self._inflate = zlib.decompressobj(self._window)
                continue
            room -= len(pieces[-1])
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
        return b"".join(pieces)

    def finish(self) -> None:
        if self._inflate and not self._inflate.eof:
            raise BadResponseError("the compressed body ended early")
