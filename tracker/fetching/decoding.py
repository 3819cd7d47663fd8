"""Content codings, undone piece by piece under caps of size and of growth.

gzip and deflate (RFC 9110 section 8.4.1), br (RFC 7932), zstd (RFC 8878, with the window of RFC 9659). One coding at
a time: nobody packs twice but to hide a bomb.
"""

import sys
import zlib
from typing import Protocol

import brotli

from tracker.fetching.errors import BadResponseError, TooLargeError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
GROWTH = 100  # times; feeds and pages grow 3 to 20 times, bombs from 1,000 times on
FREE_GROWTH = 1_000_000  # bytes that any document may have, so that small ones of blanks are no bombs
STEP = 16_384  # bytes undone at a time; with these three a bomb is left before it is 3 MB large
WINDOW_BITS = 23  # the widest window a zstd body may ask for: 8 MB


class Decoder:
    """Undoes one content coding; a bomb is noticed while it unfolds, at most `limit` bytes into it."""

    def __init__(self, coding: str, limit: int) -> None:
        coding = coding.strip().lower().removeprefix("x-")
        if coding not in CODINGS:
            raise BadResponseError(f"the content coding {coding[:40]!r} was not asked for")
        self._coding = CODINGS[coding]()
        self._limit = limit
        self._read = self._made = 0

    def __call__(self, data: bytes) -> bytes:
        return b"".join(self._undo(data[start : start + STEP]) for start in range(0, len(data), STEP))

    def _undo(self, data: bytes) -> bytes:
        self._read += len(data)
        most = min(self._limit, FREE_GROWTH + GROWTH * self._read)
        try:
            piece = self._coding.undo(data, most - self._made + 1)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
            raise BadResponseError("the compressed body is damaged") from error
        self._made += len(piece)
        if self._made > self._limit:
            raise TooLargeError(f"more than {self._limit:,} bytes when decompressed")
        if self._made > most:
            raise TooLargeError(f"grows more than {GROWTH} times when decompressed")
        return piece

    def finish(self) -> None:
        if not self._coding.is_finished():
            raise BadResponseError("the compressed body ended early")


class _Coding(Protocol):
    def undo(self, data: bytes, room: int) -> bytes:
        """What the data stand for; when that is more than `room` bytes, a little more than those, and no end."""

    def is_finished(self) -> bool: ...


class _Identity:
    def undo(self, data: bytes, room: int) -> bytes:
        return data

    def is_finished(self) -> bool:
        return True


class _Gzip:
    """Several members in a row are one body."""

    window = 31

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(self.window)

    def undo(self, data: bytes, room: int) -> bytes:
        made = b""
        while data and len(made) < room:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self.window)
            made += self._inflate.decompress(data, room - len(made))
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
        return made

    def is_finished(self) -> bool:
        return self._inflate.eof


class _Deflate:
    """Some servers send "deflate" without the zlib header the standard asks for; the first two bytes tell."""

    def __init__(self) -> None:
        self._head = b""
        self._inflate: zlib._Decompress | None = None

    def undo(self, data: bytes, room: int) -> bytes:
        if self._inflate is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return b""
            has_header = data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inflate = zlib.decompressobj(15 if has_header else -15)
        return self._inflate.decompress(data, room)

    def is_finished(self) -> bool:
        return self._inflate is not None and self._inflate.eof


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def undo(self, data: bytes, room: int) -> bytes:
        made: bytes = self._decompressor.process(data, output_buffer_limit=room)
        while len(made) < room and not self._decompressor.can_accept_more_data():
            made += self._decompressor.process(b"", output_buffer_limit=room - len(made))
            if self._decompressor.is_finished():
                break
        return made

    def is_finished(self) -> bool:
        return bool(self._decompressor.is_finished())


class _Zstd:
    """Several frames in a row are one body."""

    def __init__(self) -> None:
        self._decompressor = self._new()

    def undo(self, data: bytes, room: int) -> bytes:
        made = b""
        while len(made) < room:
            if self._decompressor.eof:
                if not data:
                    break
                self._decompressor = self._new()
            made += self._decompressor.decompress(data, room - len(made))
            if self._decompressor.needs_input:
                break
            data = self._decompressor.unused_data if self._decompressor.eof else b""
        return made

    def is_finished(self) -> bool:
        return self._decompressor.eof

    def _new(self) -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_BITS})


CODINGS: dict[str, type[_Coding]] = {
    "": _Identity,
    "identity": _Identity,
    "gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
