"""A stranger's markup → plain, clean, bounded text."""

import html
import re

from lxml import etree

MARKUP_LIMIT = 100_000
# Controls, invisible characters, direction overrides, noncharacters and halves of characters: nothing a reader
# should meet, and PostgreSQL takes neither NUL nor half characters.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# Where Latin-1 has controls, writers meant what Windows has there; HTML reads them so. But U+0085 is a line end.
WINDOWS = {
    code: character
    for code in (*range(0x80, 0x85), *range(0x86, 0xA0))
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
TAG = re.compile(r"<[^<>]*>")
CONTROL = re.compile("[\x80-\x84\x86-\x9f]")
BLOCK = re.compile(
    r"<(?=/?(?:p|br|div|li|ul|ol|h[1-6]|tr|table|blockquote|section|article|figure|figcaption|hr|dt|dd|pre)\b)",
    re.IGNORECASE,
)
# What most feeds write, and nothing that could hide text or a tag: these need no tree to be taken out.
SIMPLE = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|br|cite|code|div|em|figcaption|figure|font|h[1-6]|hr|i|img|li|ol|p|s|section|small"
    r"|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)"
    r"(?:\s+[a-z:-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>",
    re.IGNORECASE,
)
HTML = etree.HTMLParser(recover=True, remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")


def clean(text: str, limit: int) -> str:
    """One line without anything unseen."""
    return _shorten(" ".join(UNSEEN.sub("", text[: 4 * limit]).split()), limit)


def plain(markup: str, limit: int) -> str:
    """The text of HTML or of text that only might be HTML; paragraphs become lines."""
    text = markup[:MARKUP_LIMIT]
    if "<" in text:
        text = _without_tags(BLOCK.sub("\n<", text.replace("\n", " ")))
    elif "&" in text:
        text = html.unescape(text)
    if not text.isascii() and CONTROL.search(text):
        text = text.translate(WINDOWS)
    if not text.replace("\n", "").isprintable():
        text = UNSEEN.sub("", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return _shorten("\n".join(line for line in lines if line), limit)


def _without_tags(markup: str) -> str:
    text = SIMPLE.sub("", markup)
    if "<" not in text:
        return html.unescape(text)
    # libxml2 takes time in proportion to length where tree builders after HTML 5 take its square (nested <div>).
    root = etree.fromstring(markup.encode("utf-8", "ignore"), HTML)
    if root is None:
        return ""
    etree.strip_elements(root, "script", "style", "template", "noscript", with_tail=False)
    for frame in root.iter("iframe"):  # what stands in one, or after one that was never closed, is raw text to HTML
        frame.text = TAG.sub("", frame.text or "")
    return etree.tostring(root, method="text", encoding="unicode")


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
