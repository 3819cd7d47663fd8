"""OPML, the list of feeds every reader exports → plain outlines."""

from dataclasses import dataclass

from lxml import etree

from tracker.feeds.encodings import to_utf8
from tracker.feeds.language import code
from tracker.feeds.plain_text import clean

SIZE_LIMIT = 5_000_000
OUTLINE_LIMIT = 5_000


class OPMLError(Exception):
    """Not a list of feeds; the text says why."""


@dataclass(frozen=True)
class Outline:
    """One feed of the list; `line` is where it stands in the file."""

    line: int
    url: str
    title: str
    site_url: str
    language: str
    tags: tuple[str, ...]


def read(body: bytes) -> list[Outline]:
    """Every outline that names a feed or claims to; folders become tags."""
    if len(body) > SIZE_LIMIT:
        raise OPMLError("The file is larger than 5 MB.")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, collect_ids=False
    )
    try:
        root = etree.fromstring(to_utf8(body), parser)
    except etree.XMLSyntaxError as error:
        raise OPMLError(f"The file is damaged: {error.msg}") from error
    if root.tag != "opml":
        raise OPMLError(f"This is not OPML; its root is <{str(root.tag)[:40]}>.")
    outlines = [_outline(node) for node in root.iter("outline") if _is_feed(node)]
    if not outlines:
        raise OPMLError("The file lists no feeds.")
    if len(outlines) > OUTLINE_LIMIT:
        raise OPMLError(f"The file lists more than {OUTLINE_LIMIT:,} feeds.")
    return outlines


def _is_feed(node: etree._Element) -> bool:
    return bool(node.get("xmlUrl")) or node.get("type", "").lower() in ("rss", "atom")


def _outline(node: etree._Element) -> Outline:
    folders = [folder for folder in node.iterancestors("outline") if not _is_feed(folder)]
    tags = [clean(folder.get("text") or folder.get("title") or "", 60) for folder in reversed(folders)]
    return Outline(
        line=int(node.sourceline or 0),
        url=node.get("xmlUrl", "").strip(),
        title=clean(node.get("text") or node.get("title") or "", 200),
        site_url=node.get("htmlUrl", "").strip(),
        language=code(node.get("language", "")),
        tags=tuple(tag for tag in tags if tag),
    )
