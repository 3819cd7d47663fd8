"""OPML 2.0, the list of feeds every reader exports → plain outlines, and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from tracker.feeds.encodings import to_utf8
from tracker.feeds.language import code
from tracker.feeds.plain_text import UNSEEN, clean

SIZE_LIMIT = 5_000_000
OUTLINE_LIMIT = 5_000
TAG_LIMIT = 10  # folders around one feed


class OPMLError(Exception):
    """Not a list of feeds; `code` names the cause for programs, the text tells people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


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
        raise OPMLError("too_large", "The file is larger than 5 MB.")
    document = to_utf8(body)
    if b"<!ENTITY" in document:
        raise OPMLError("entities", "The file declares entities of its own, as no list of feeds does.")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, collect_ids=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise OPMLError("damaged", f"The file is damaged: {error.msg}") from error
    if root.tag != "opml":
        raise OPMLError("not_opml", f"This is not OPML; its root is <{str(root.tag)[:40]}>.")
    outlines = [_outline(node) for node in root.iter("outline") if _is_feed(node)]
    if not outlines:
        raise OPMLError("no_feeds", "The file lists no feeds.")
    if len(outlines) > OUTLINE_LIMIT:
        raise OPMLError("too_many", f"The file lists more than {OUTLINE_LIMIT:,} feeds.")
    return outlines


def _is_feed(node: etree._Element) -> bool:
    return bool(node.get("xmlUrl")) or node.get("type", "").lower() in ("rss", "atom")


def _outline(node: etree._Element) -> Outline:
    folders = [folder for folder in node.iterancestors("outline") if not _is_feed(folder)]
    tags = [clean(folder.get("text") or folder.get("title") or "", 60) for folder in reversed(folders[:TAG_LIMIT])]
    return Outline(
        line=int(node.sourceline or 0),
        url=node.get("xmlUrl", "").strip(),
        title=clean(node.get("text") or node.get("title") or "", 200),
        site_url=node.get("htmlUrl", "").strip(),
        language=code(node.get("language", "")),
        tags=tuple(tag for tag in tags if tag),
    )


def write(outlines: Iterable[Outline], *, title: str, now: datetime) -> bytes:
    """A list that `read` reads back as it was: each feed inside a folder for each of its tags, one in the other."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    folders: dict[tuple[str, ...], etree._Element] = {(): etree.SubElement(root, "body")}
    for outline in outlines:
        tags = tuple(map(_sayable, outline.tags))
        for depth, name in enumerate(tags):
            path = tags[: depth + 1]
            if path not in folders:
                folders[path] = etree.SubElement(folders[path[:-1]], "outline", text=name)
        described = {"type": "rss", "text": outline.title, "xmlUrl": outline.url}
        optional = {"htmlUrl": outline.site_url, "language": outline.language}
        etree.SubElement(
            folders[tags],
            "outline",
            {name: _sayable(value) for name, value in (described | optional).items() if value or name in described},
        )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _sayable(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return UNSEEN.sub("", text)
