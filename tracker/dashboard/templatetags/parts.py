"""Template words that every page uses: marks, flags, fuzzy dates, names of languages."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta
from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.pledges.dates import FuzzyDateError, describe
from tracker.pledges.models import Stance, Status

register = template.Library()

FLAGS = {"overdue": _("Overdue"), "due_soon": _("Due soon"), "stale": _("Stale")}


def _drawing(symbol: str, classes: str) -> SafeString:
    """A drawing of the sprite; it repeats a word that stands beside it, so readers by ear are spared it."""
    use = '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return format_html(use, classes, static("icons.svg"), symbol)


@register.simple_tag
def icon(name: str) -> SafeString:
    return _drawing(f"i-{name}", "i")


@register.simple_tag
def status_mark(code: str) -> SafeString:
    """The mark alone, where the word stands close by."""
    return _drawing(f"s-{code}", f"st s-{code}") if code in Status.values else SafeString("")


@register.simple_tag
def status(code: str) -> SafeString:
    """Mark and word; nothing for a code that is none."""
    if code not in Status.values:
        return SafeString("")
    return format_html('<span class="status">{}{}</span>', status_mark(code), Status(code).label)


@register.simple_tag
def stance(code: str) -> SafeString:
    if code not in Stance.values:
        return SafeString("")
    return format_html('<span class="stance e-{}">{}{}</span>', code, _drawing(f"d-{code}", "d"), Stance(code).label)


@register.simple_tag
def flag(code: str) -> SafeString:
    """What follows from the dates: overdue, due soon, stale."""
    if code not in FLAGS:
        return SafeString("")
    return format_html('<span class="flag {}">{}{}</span>', code, _drawing(f"f-{code}", "f"), FLAGS[code])


@register.simple_tag
def flag_mark(code: str) -> SafeString:
    """The flag as a named picture, inside a cell too small for its word."""
    use = '<svg class="f-{}" role="img" aria-label="{}"><use href="{}#f-{}"/></svg>'
    return format_html(use, code, FLAGS[code], static("icons.svg"), code) if code in FLAGS else SafeString("")


@register.filter
def fuzzy(edtf: str) -> str:
    """An EDTF value in the reader's language, never more precise than it is."""
    try:
        return describe(edtf or "", get_language() or "en")
    except FuzzyDateError:
        return edtf


@register.filter(expects_localtime=True)
def when(moment: Any, pattern: str = "d MMM y") -> str:
    """`24 nov. 2026`, as `fuzzy` writes it; Django's `date` would begin every month with a capital letter."""
    return format_datetime(moment, pattern, locale=(get_language() or "en").replace("-", "_")) if moment else ""


@register.filter
def lasting(time: timedelta) -> str:
    """`5 hours`, rounded to the largest unit that says enough."""
    return format_timedelta(time, granularity="minute", locale=(get_language() or "en").replace("-", "_"))


@register.filter
def language_label(code: str) -> str:
    """Not `language_name`: Django's own word of that name knows its own languages only, and raises for the rest."""
    return _label(str(code or ""), get_language() or "en")


@lru_cache(maxsize=512)
def _label(code: str, reader: str) -> str:
    try:
        named = Locale.parse(code.replace("-", "_")).get_display_name(reader.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        return code
    return named or code
