"""Texts as a list of results shows them: cut around what was found, and that marked; pure."""

from collections.abc import Iterable, Sequence

from tracker.search.text import is_unspaced, language_of, words
from tracker.search.tokens import Term, finds

Pieces = list[tuple[bool, str]]  # whether it was looked for, and the words; joined they are the text
BEFORE, LENGTH = 60, 240


def marked(text: str, tag: str, terms: Sequence[Term]) -> Pieces:
    pieces: Pieces = []
    end = 0
    for start, stop in _spans(text, tag, terms):
        if start > end:
            pieces.append((False, text[end:start]))
        pieces.append((True, text[start:stop]))
        end = stop
    return [*pieces, (False, text[end:])] if end < len(text) else pieces


def excerpt(texts: Iterable[tuple[str, str]], terms: Sequence[Term]) -> tuple[str, Pieces]:
    """Of (language tag, text), the first that holds a word looked for, cut around it; else the first of all."""
    texts = [(tag, " ".join(text.split())) for tag, text in texts if text]
    for tag, text in texts:
        if spans := _spans(text, tag, terms):
            return tag, marked(_cut(text, spans[0][0], is_unspaced(text[spans[0][0]])), tag, terms)
    return (texts[0][0], [(False, _cut(texts[0][1], 0, False))]) if texts else ("", [])


def _spans(text: str, tag: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where words looked for stand; neighbours without a space between are one."""
    language = language_of(tag, text)
    spans: list[tuple[int, int]] = []
    for word, start, stop in words(text):
        if finds(terms, word, language):
            if spans and spans[-1][1] == start:
                start = spans.pop()[0]
            spans.append((start, stop))
    return spans


def _cut(text: str, at: int, is_dense: bool) -> str:
    """Whole words around the place; scripts without spaces say as much in half the length."""
    before, length = (BEFORE // 2, LENGTH // 2) if is_dense else (BEFORE, LENGTH)
    start = max(at - before, 0)
    if start and not is_dense:
        start = text.find(" ", start) + 1 or start
    part = text[start : start + length]
    if start + length < len(text) and not is_dense:
        part = part.rpartition(" ")[0] or part
    return ("… " if start else "") + part + (" …" if start + len(part) < len(text) else "")
