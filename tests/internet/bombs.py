"""At most a megabyte of each coding that unfolds to a gigabyte, of br to a sixteenth of it."""

import zlib
from functools import cache

import brotli

from tracker.fetching.decoding import zstd

MEGABYTE = b" " * 2**20
TIMES = 1024


def _whole_blocks(window: int) -> tuple[bytes, bytes, bytes]:
    """Head, one block that can be repeated, tail."""
    packer = zlib.compressobj(9, wbits=window)
    head = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return head, block, packer.flush()


@cache
def bombs() -> dict[str, bytes]:
    gzip_head, gzip_block, gzip_tail = _whole_blocks(31)
    head, block, tail = _whole_blocks(15)
    gzip = gzip_head + gzip_block * TIMES + gzip_tail
    twice = zlib.compressobj(9, wbits=31)
    return {
        "gzip": gzip,
        "deflate": head + block * TIMES + tail,
        "br": brotli.compress(MEGABYTE * 64, quality=5),
        "zstd": zstd.compress(MEGABYTE * 64) * 16,
        "gzip, gzip": twice.compress(gzip) + twice.flush(),
    }
