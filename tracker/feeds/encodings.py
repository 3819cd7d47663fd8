"""A document's bytes → the same document in clean UTF-8, whatever it claims to be encoded in."""

import codecs
import re

# Labels mean their superset, as browsers read them.
SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
TEXT_CODECS = {
    *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "cp932", "euc_jp", "iso2022_jp", "cp949"),
    *("koi8-r", "koi8-u", "koi8-t", "kz1048", "ptcp154", "cp866", "cp874", "mac-cyrillic"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in range(2, 17) if number != 12),
}
GUESSES = ["cp1251", "koi8_r", "kz1048", "gb18030", "big5", "cp1252"]
GUESS_SAMPLE = 20_000  # bytes; takes up to 0.1 s
ASCII = bytes(range(128))
SERVER_DEFAULTS = {"cp1252"}  # what servers say when nobody told them
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = ((re.compile(rb"[<{]\0[^\0]\0"), "utf-16-le"), (re.compile(rb"\0[<{]\0[^\0]"), "utf-16-be"))
HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)
XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# XML has no room for these, escaped or not; a page neither.
CONTROLS = bytes({*range(32)} - {9, 10, 13})


def to_utf8(body: bytes, content_type: str = "") -> bytes:
    """Clean UTF-8 without a mark; what no encoding explains becomes U+FFFD."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return _clean(body[len(mark) :], name)
    for pattern, name in WIDE:
        if pattern.match(body):
            return _clean(body, name)
    if _decodes(body, "utf-8"):  # other encodings hardly ever look like it by chance, so it needs no label
        return _strip(body)
    found = HTTP_CHARSET.search(content_type)
    by_server = _known(found[1]) if found else None
    declared = XML_CHARSET.match(body[:300])
    by_document = _known(declared[1].decode()) if declared else None
    if by_server in SERVER_DEFAULTS and by_document:
        by_server = None
    for label in (by_server, by_document):
        if label and _decodes(body, label):
            return _clean(body, label)
    labels = [label for label in (by_server, by_document) if label and label != "utf-8"]
    return _clean(body, labels[0] if labels else guessed(body) or "utf-8")


def guessed(body: bytes) -> str:
    """The encoding in which the letters make words; empty when none does, or when it is UTF-8 with some damage."""
    # Imported late: hardly any document needs it.
    from charset_normalizer import from_bytes

    sample = body[:GUESS_SAMPLE]
    strange = len(sample.translate(None, ASCII))
    understood = len(sample.decode("utf-8", "ignore").encode().translate(None, ASCII))
    if understood * 2 > strange:
        return ""
    best = from_bytes(sample, cp_isolation=GUESSES).best()
    return best.encoding if best else ""


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    name = SUPERSETS.get(name, name)
    return name if name in TEXT_CODECS else None


def _decodes(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except ValueError:
        return False
    return True


def _clean(body: bytes, name: str) -> bytes:
    return _strip(body.decode(name, "replace").encode("utf-8", "replace"))


def _strip(body: bytes) -> bytes:
    return body.translate(None, CONTROLS).lstrip()
