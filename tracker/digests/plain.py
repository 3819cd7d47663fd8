"""The text part: 72 columns, marks beside their words, as complete as the HTML part."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.digests.letter import ChangeLine, Cut, DueLine, FiguresLine, Letter, NewsLine, PledgeLine, StandingLine
from tracker.digests.wording import MARKS, label

COLUMNS = 72
_WIDE = "⺀-鿿豈-﫿＀-｠"
_GLUE = "\xa0\u202f"  # French sets them before a colon and inside its quotation marks; no line breaks there
_PIECES = re.compile(rf"[^\S{_GLUE}]+|[{_WIDE}]|(?:[^\s{_WIDE}]|[{_GLUE}])+")


def text_part(letter: Letter) -> str:
    lines = [f"FOLLOWTHROUGH · {letter.period}", "=" * COLUMNS, "", *wrap(letter.headline), ""]
    for standing in letter.standings:
        lines += standing.text
    for title, body in (
        (_("Changed"), _all(letter.changes, letter.home_url)),
        (_("Due and overdue"), _all(letter.due, letter.home_url)),
        (_("New evidence"), _all(letter.news, letter.home_url)),
        (_("New figures"), _all(letter.figures, letter.home_url)),
        (_("Waiting for review"), _waiting(letter)),
        (_("Failing feeds"), _failing(letter)),
    ):
        if body:
            lines += [title.upper(), "-" * COLUMNS, *body, *([""] if body[-1] else [])]
    if letter.view_url:
        lines += [_("This mail on the web:"), letter.view_url]
    lines += [_("All pledges:"), letter.home_url, "", "-- ", *wrap(letter.because), ""]
    lines += [_("Change how often:"), letter.settings_url, _("Unsubscribe in one step:"), letter.unsubscribe_url, ""]
    return "\n".join(lines)


def wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Lines of at most 72 columns. Only Chinese breaks inside a word, so that addresses stay whole."""
    lines, line, is_empty = [], indent if first is None else first, True
    used = width(line)
    for piece in _PIECES.findall(text):
        if piece.isspace():
            if not is_empty:
                line, used = f"{line} ", used + 1
            continue
        columns = width(piece)
        if not is_empty and used + columns > COLUMNS:
            lines.append(line.rstrip())
            line, used = indent, len(indent)
        line, used, is_empty = line + piece, used + columns, False
    return [*lines, line.rstrip()]


def width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def _status(code: str) -> str:
    return f"{MARKS[code]} {label(code)}"


def _standing(standing: StandingLine) -> Iterator[str]:
    yield from wrap(standing.sentence)
    yield ""
    for code, pledges in standing.groups:
        head = f"  {len(pledges):>3} {_status(code):<20} "
        yield from wrap(" ".join(pledge.code for pledge in pledges), " " * len(head), head)
    yield ""


def _all(cut: Cut, home_url: str) -> list[str]:
    return [*(line for block in cut.shown for line in block.text), *_more(cut, home_url, "")]


def _more(cut: Cut, address: str, indent: str) -> list[str]:
    if not cut.more:
        return []
    said = ngettext("%(count)d more:", "%(count)d more:", cut.more) % {"count": cut.more}
    return [indent + said, indent + address]


def _head(pledge: PledgeLine, first: str = "") -> list[str]:
    return wrap(f"{pledge.code} {pledge.title}", "   ", first)


def _change(change: ChangeLine) -> Iterator[str]:
    yield from _head(change.pledge)
    if change.is_confirmation:
        said = _("%(status)s, confirmed") % {"status": _status(change.after)}
    else:
        said = _("%(before)s to %(after)s") % {"before": _status(change.before), "after": _status(change.after)}
    yield from wrap(said, "   ")
    for reason in change.reasons.shown:
        yield from wrap(_("“%(text)s”") % {"text": reason.text}, "   ")
        yield from wrap(reason.judged, "   ")
    yield from _more(change.reasons, change.pledge.address, "   ")
    yield "   " + change.pledge.address
    yield ""


def _due(due: DueLine) -> Iterator[str]:
    yield from _head(due.pledge, f"{_('Overdue').upper() if due.is_overdue else _('Due soon')}  ")
    yield from wrap(f"{due.timing}. {_status(due.status)}.", "   ")
    yield "   " + due.pledge.address
    yield ""


def _news(news: NewsLine) -> Iterator[str]:
    yield from _head(news.pledge)
    for source in news.sources.shown:
        yield from wrap(f"{source.day} [{source.stance_label}] {source.title}", "     ", "   ")
        if source.note:
            yield from wrap(source.note, "     ")
        yield from wrap(source.origin, "     ")
        yield "     " + source.address
    yield from _more(news.sources, news.pledge.address, "   ")
    yield ""


def _figures(figures: FiguresLine) -> Iterator[str]:
    yield from _head(figures.pledge)
    for row in figures.rows.shown:
        yield from wrap(row.text, "     ", "   ")
        if row.origin:
            yield from wrap(row.origin, "     ")
    yield from _more(figures.rows, figures.pledge.address, "   ")
    yield "   " + figures.pledge.address
    yield ""


def _failing(letter: Letter) -> list[str]:
    if letter.failing is None:
        return []
    lines = wrap(letter.failing.sentence)
    for title, cause in letter.failing.feeds.shown:
        lines += [*wrap(title, "   ", "   "), *wrap(cause, "      ", "      ")]
    return [*lines, *_more(letter.failing.feeds, letter.feeds_url, "   "), letter.feeds_url]


def _waiting(letter: Letter) -> list[str]:
    if letter.waiting is None:
        return []
    lines = wrap(letter.waiting.sentence)
    for score, code, title, _language in letter.waiting.best:
        lines += wrap(title, "         ", f"{score} {code}  ")
    return [*lines, letter.review_url]


_LINES: dict[str, Callable[[Any], Iterator[str]]] = {
    "standing": _standing,
    "change": _change,
    "due": _due,
    "news": _news,
    "figures": _figures,
}


def passage(kind: str, line: Any) -> list[str]:
    """The lines of one block: a `standing`, `change`, `due`, `news` or `figures`."""
    return list(_LINES[kind](line))
