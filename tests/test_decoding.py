"""Content codings come undone whatever pieces they arrive in, and no bomb gets far."""

import gzip
import random
import zlib

import brotli
import pytest

from tracker.fetching.decoding import Decoder, zstd
from tracker.fetching.errors import BadResponseError, TooLargeError

LIMIT = 10_000_000
WORDS = ["<item>", "<title>", "Астана", "哈萨克斯坦", "pledge", "\n", "1,000 GW ", "көлік "]
TEXT = "".join(random.Random(7).choices(WORDS, k=40_000)).encode()


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
    "deflate": zlib.compress(TEXT),
    "DEFLATE": raw_deflate(TEXT),
    "br": brotli.compress(TEXT, quality=5),
    "zstd": zstd.compress(TEXT),
    " zstd": zstd.compress(TEXT[:1000]) + zstd.compress(TEXT[1000:]),
    "identity": TEXT,
    "": TEXT,
}


def decoded(coding, data, *, limit=LIMIT, piece=65_536):
    decode = Decoder(coding, limit)
    found = b"".join(decode(data[start : start + piece]) for start in range(0, len(data), piece))
    decode.finish()
    return found


@pytest.mark.parametrize("piece", [1, 3, 1000, 10**9])
@pytest.mark.parametrize("coding", PACKED)
def test_every_coding_comes_undone_in_pieces_of_any_size(coding, piece):
    assert decoded(coding, PACKED[coding], piece=piece) == TEXT


@pytest.mark.parametrize("coding", [name for name in PACKED if name not in ("", "identity")])
def test_what_is_cut_or_damaged_is_an_error(coding):
    for data in (PACKED[coding][:-20], PACKED[coding][:1], b"", TEXT, PACKED[coding] + b"\0garbage"):
        if coding.lower() == "deflate" and data.endswith(b"garbage"):
            continue  # deflate has no way to say that more follows, and what follows is not read
        with pytest.raises(BadResponseError):
            decoded(coding, data)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br, gzip", "compress", "zip", "*", "gzip;q=1", "х" * 500])
def test_a_coding_not_asked_for_is_an_error(coding):
    with pytest.raises(BadResponseError, match="not asked for"):
        Decoder(coding, LIMIT)


BLANK = b" " * 64_000_000
BOMBS = {
    "gzip": gzip.compress(BLANK, 9),
    "deflate": zlib.compress(BLANK, 9),
    "br": brotli.compress(BLANK, quality=5),
    "zstd": zstd.compress(BLANK),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_left_by_its_growth_long_before_the_cap(coding):
    decode, pieces = Decoder(coding, LIMIT), []
    starts = range(0, len(BOMBS[coding]), 1000)
    with pytest.raises(TooLargeError, match="grows more than 100 times"):
        pieces.extend(decode(BOMBS[coding][start : start + 1000]) for start in starts)
    assert len(b"".join(pieces)) < 5 * 2**20


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "identity"])
def test_the_cap_holds_for_what_grows_slowly(coding):
    assert decoded(coding, PACKED[coding], limit=len(TEXT)) == TEXT
    with pytest.raises(TooLargeError, match="bytes when decompressed"):
        decoded(coding, PACKED[coding], limit=len(TEXT) - 1)


@pytest.mark.parametrize("coding", BOMBS)
def test_a_short_page_of_blanks_is_no_bomb(coding):
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}[coding]
    assert decoded(coding, pack(b" " * 900_000)) == b" " * 900_000


def test_a_window_larger_than_the_web_uses_is_refused():
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    body = packer.compress(random.Random(7).randbytes(1000)) + packer.flush()
    with pytest.raises(BadResponseError):
        decoded("zstd", body)
