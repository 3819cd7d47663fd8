"""RSS and Atom out of XML that need not be well formed: fields as they stand, nothing fetched, nothing expanded."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from itertools import islice

from lxml import etree

from tracker.feeds.entry_dates import is_before
from tracker.feeds.parsed import ENTRY_LIMIT, ParseError, RawEntry

# A tree costs a hundred bytes for every tag, and three times that for an attribute.
MARKUP_COUNT_LIMIT = 300_000
CORE = re.compile(
    r"http://(www\.w3\.org/2005/atom|purl\.org/(atom|echo|pie)/.*|purl\.org/rss/1\.0/|(my|channel)\.netscape\.com/rdf/simple/0\.9/"
    r"|backend\.userland\.com/.*|blogs\.law\.harvard\.edu/.*|(my\.)?netscape\.com/.*|purl\.org/net/rss1\.1#)",
    re.IGNORECASE,
)
MODULES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
# Which element tells what, best first.
TITLE = ("title", "dc:title", "media:title", "itunes:title")
SUMMARY = ("description", "summary", "dc:description", "itunes:summary", "media:description", "abstract")
CONTENT = ("content:encoded", "content", "xhtml:body", "body", "fullitem")
AUTHOR = ("author", "dc:creator", "dc:author", "itunes:author", "managingeditor")
DATE = (
    *("pubdate", "published", "issued", "dc:date", "dcterms:issued", "created", "dcterms:created"),
    *("updated", "modified", "dcterms:modified", "date", "dcterms:date"),
)
PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
HOURS = {f"{hour:{form}}": hour % 24 for hour in range(25) for form in ("d", "02d")}  # some count from 1 to 24
WEEK = "monday tuesday wednesday thursday friday saturday sunday"
DAYS = {day: number for number, day in enumerate(WEEK.split())}

BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
PROLOG = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
AMPERSAND = re.compile(rb"&(?:#(?:x([0-9a-f]{1,8})|(\d{1,10}));|([a-z][a-z0-9]{1,30});)?", re.IGNORECASE)
VOID = re.compile(rb"<(br|hr|img|wbr)\b([^<>]{0,1000}?)/?>", re.IGNORECASE)
ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Channel:
    """What the document says of itself."""

    title: str
    link: str
    language: str
    base: str
    ttl_minutes: int | None
    hub: str  # WebSub: who tells of news of this document, and
    topic: str  # the address it tells of
    skip_hours: int
    skip_days: int


def read(document: bytes) -> tuple[etree._Element, bool]:
    """The root, and whether the document broke off before its end; ParseError when it is no feed at all."""
    document, is_shortened = _shortened(document)
    prolog = PROLOG.match(document)
    start = prolog.end() if prolog else 0
    if document[start : start + 9].upper() == b"<!DOCTYPE":  # dropped unread: what it would define stays undefined
        document = document[:start] + DOCTYPE.sub(b"", document[start:], count=1)
    root, complaints = _tree(document)
    if complaints:
        root, complaints = _tree(_mended(document))
    if root is None or not isinstance(root.tag, str):
        raise ParseError("The document is damaged beyond reading.")
    name = _name(root.tag)
    if name not in ("rss", "rdf:rdf", "feed", "channel"):
        what = (
            "This is a web page, not a feed."
            if name in ("html", "xhtml:html")
            else f"This is XML, but no feed: <{name[:40]}>."
        )
        raise ParseError(what)
    end = f"</{root.prefix}:" if root.prefix else "</"
    is_whole = (end + etree.QName(root).localname).encode() in document[-200:]
    return root, is_shortened or (bool(complaints) and not is_whole)


def _shortened(document: bytes) -> tuple[bytes, bool]:
    """The beginning that holds about as much markup as is read, and whether that is not all."""
    count = document.count(b"<") + 3 * (document.count(b'="') + document.count(b"='"))
    if count <= MARKUP_COUNT_LIMIT:
        return document, False
    return document[: len(document) * MARKUP_COUNT_LIMIT // count], True


def channel_of(root: etree._Element) -> Channel:
    about = _channel(root)
    fields = _fields(about)
    return Channel(
        title=_first(fields, TITLE),
        link=_link(about, fields),
        language=root.get(f"{XML}lang") or about.get(f"{XML}lang") or _first(fields, ("language", "dc:language")),
        base=about.get(f"{XML}base") or root.get(f"{XML}base") or "",
        ttl_minutes=_ttl(fields),
        hub=_related(about, "hub"),
        topic=_related(about, "self"),
        skip_hours=_bits(fields, "skiphours", HOURS),
        skip_days=_bits(fields, "skipdays", DAYS),
    )


def entries_of(root: etree._Element, *, is_cut: bool) -> Iterator[RawEntry]:
    """The first five hundred; the last where a long document puts the newest at its end."""
    name = "entry" if _name(root.tag) == "feed" else "item"
    # RSS 1.0 puts its items beside the channel, others inside.
    parents = [root] if _name(root.tag) == "feed" else [_channel(root), root]
    items = [child for parent in dict.fromkeys(parents) for child in parent if _name(child.tag) == name]
    if is_cut:  # the item it broke off in is half an item, and what is stored once is not read again
        del items[-1:]
    if len(items) > ENTRY_LIMIT and _is_oldest_first(items):
        items = items[-ENTRY_LIMIT:]
    for item in islice(items, ENTRY_LIMIT):
        yield _entry(item)


def _entry(item: etree._Element) -> RawEntry:
    fields = _fields(item)
    if "media:group" in fields:  # what stands inside counts where the item itself says nothing
        fields = _fields(fields["media:group"]) | fields
    guid = _first(fields, ("guid", "id")) or item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
    return RawEntry(
        guid=guid,
        link=_first(fields, ("feedburner:origlink",)) or _link(item, fields) or _permalink(fields, guid),
        title=_first(fields, TITLE),
        summary=_first(fields, SUMMARY),
        content=_first(fields, CONTENT),
        author=_author(fields),
        date=_first(fields, DATE),
        language=item.get(f"{XML}lang") or _first(fields, ("dc:language", "language")),
        base=item.get(f"{XML}base", ""),
    )


def _author(fields: dict[str, etree._Element]) -> str:
    """Atom names a person by elements, the others write the name."""
    element = next((fields[name] for name in AUTHOR if name in fields), None)
    if element is None:
        return ""
    if not len(element):
        return (element.text or "").strip()
    parts = _fields(element)
    name, address = _first(parts, ("name",)), _first(parts, ("email",))
    return f"{name} ({address})" if name and address else name or address


def _fields(of: etree._Element) -> dict[str, etree._Element]:
    """The first element of each name that says something."""
    fields: dict[str, etree._Element] = {}
    for child in of:
        name = _name(child.tag)
        if name not in fields and (child.text or len(child)):
            fields[name] = child
    return fields


def _first(fields: dict[str, etree._Element], names: tuple[str, ...]) -> str:
    for name in names:
        if name in fields and (text := _text(fields[name])):
            return text
    return ""


def _text(element: etree._Element) -> str:
    """What the element holds: its text, or the source of markup that stands inside unescaped."""
    if not len(element):
        text = (element.text or "").strip()
        return _decoded(text) if element.attrib and _is_base64(element) else text
    source = etree.tostring(element, encoding="unicode", with_tail=False)
    return source[source.index(">") + 1 : source.rindex("<")].strip()


def _is_base64(element: etree._Element) -> bool:
    """RFC 4287, 4.1.3.3: content of any type but text, HTML and XML; Atom 0.3 says so in words."""
    kind = element.get("type", "").partition(";")[0].strip().lower()
    is_text = "/" not in kind or kind.startswith("text/") or kind.endswith(("/xml", "+xml"))
    return not is_text or element.get("mode", "").lower() == "base64"


def _decoded(text: str) -> str:
    """What stands there as it is, if it is no base64 at all; nothing, if it is a picture."""
    try:
        return base64.b64decode(text, validate=False).decode().strip() if BASE64.fullmatch(text) else text
    except ValueError:
        return ""


def _link(of: etree._Element, fields: dict[str, etree._Element]) -> str:
    """RSS writes the address as text, Atom as an attribute, some as both."""
    if "link" in fields and (text := (fields["link"].text or "").strip()):
        return text
    links = [child for child in of if _name(child.tag) == "link" and child.get("href")]
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    pages.sort(key=lambda link: link.get("type", "text/html") != "text/html")
    return pages[0].get("href", "") if pages else ""


def _related(of: etree._Element, relation: str) -> str:
    links = (child for child in of if _name(child.tag) == "link" and relation in child.get("rel", "").lower().split())
    return next((link.get("href", "") for link in links), "")


def _permalink(fields: dict[str, etree._Element], guid: str) -> str:
    is_link = "guid" not in fields or fields["guid"].get("isPermaLink", "true").lower() != "false"
    return guid if is_link and guid.startswith(("http://", "https://")) else ""


def _ttl(fields: dict[str, etree._Element]) -> int | None:
    if (ttl := _first(fields, ("ttl",))).isascii() and ttl.isdigit():
        return min(int(ttl[:6]), PERIODS["daily"])
    period = PERIODS.get(_first(fields, ("sy:updateperiod",)).lower())
    times = _first(fields, ("sy:updatefrequency",))
    count = int(times[:4]) if times.isascii() and times.isdigit() else 1
    return min(period // max(count, 1), PERIODS["daily"]) if period else None


def _bits(fields: dict[str, etree._Element], name: str, places: dict[str, int]) -> int:
    """RSS 2.0, skipHours and skipDays: one bit for each that is named."""
    named = {(child.text or "").strip().lower() for child in fields.get(name, ())}
    return sum(1 << place for place in {places[word] for word in named & places.keys()})


def _channel(root: etree._Element) -> etree._Element:
    if _name(root.tag) == "feed":
        return root
    return next((child for child in root if _name(child.tag) == "channel"), root)


def _is_oldest_first(items: list[etree._Element]) -> bool:
    first, last = (_first(_fields(item), DATE) for item in (items[0], items[-1]))
    return is_before(first, last)


@lru_cache(4096)
def _name(tag: object) -> str:
    """`dc:date` for a known module, the bare name for the formats themselves, in lower case."""
    if not isinstance(tag, str):
        return ""
    space, _, local = tag.rpartition("}")
    if not space or CORE.fullmatch(space[1:]):
        return local.lower()
    prefix = MODULES.get(space[1:].lower(), "?")
    return f"{prefix}:{local.lower()}"


def _tree(document: bytes) -> tuple[etree._Element | None, list[etree._LogEntry]]:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(document, parser), list(parser.error_log)
    except etree.XMLSyntaxError as error:
        raise ParseError("The document is damaged beyond reading.") from error


def _mended(document: bytes) -> bytes:
    """Outside CDATA: HTML's empty elements closed, its characters' names spelt out, impossible characters dropped."""
    pieces, at = [], 0
    while (start := document.find(b"<![CDATA[", at)) >= 0 and (end := document.find(b"]]>", start)) >= 0:
        pieces += [_mended_markup(document[at:start]), document[start:end]]
        at = end
    return b"".join([*pieces, _mended_markup(document[at:])])


def _mended_markup(piece: bytes) -> bytes:
    return AMPERSAND.sub(_reference, VOID.sub(rb"<\1\2/>", piece))


def _reference(found: re.Match[bytes]) -> bytes:
    hexadecimal, decimal, name = found.groups()
    if hexadecimal or decimal:
        number = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return b"&#%d;" % number if number <= 0x10FFFF and not ILLEGAL.match(chr(number)) else b""
    if not name:
        return b"&amp;"
    if name in (b"amp", b"lt", b"gt", b"quot", b"apos"):
        return found[0]
    meant = html5.get(f"{name.decode()};")
    return meant.encode() if meant else b"&amp;" + found[0][1:]
