"""What a reader should know first about a declaration, in two to four sentences."""

from collections import Counter
from datetime import date

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.dashboard.census import Census
from tracker.pledges.models import Declaration, Status


def finding(declaration: Declaration, census: Census, today: date) -> SafeString:
    if not census.total:
        return SafeString(_("This declaration has no pledges on record yet."))
    counts, flags = census.statuses, census.flags
    sentences = (
        _say(_("Day %(days)d."), days=max((today - declaration.signed_on).days, 0)),
        _outcome(census.total, counts),
        _dates(flags, declaration.due_soon_days),
        _unjudged(counts[Status.NOT_ASSESSED]),
    )
    return format_html_join(" ", "{}", ((sentence,) for sentence in sentences if sentence))


def _say(sentence: str, **numbers: int) -> SafeString:
    """Our own words around whole numbers: safe by construction."""
    return mark_safe(sentence % numbers)  # noqa: S308


def _outcome(total: int, counts: Counter[str]) -> SafeString:
    done, partly = counts[Status.FULFILLED], counts[Status.PARTLY_FULFILLED]
    if total == 1:
        if done:
            return _say(_("Its one pledge is <b>fulfilled</b>."))
        return _say(
            _("Its one pledge is <b>partly fulfilled</b>.") if partly else _("Its one pledge is not fulfilled yet.")
        )
    if done and partly:
        said = ngettext(
            "Of %(total)d pledges, <b>%(done)d is fulfilled and %(partly)d partly</b>.",
            "Of %(total)d pledges, <b>%(done)d are fulfilled and %(partly)d partly</b>.",
            done,
        )
    elif done:
        said = ngettext(
            "Of %(total)d pledges, <b>%(done)d is fulfilled</b>.",
            "Of %(total)d pledges, <b>%(done)d are fulfilled</b>.",
            done,
        )
    elif partly:
        said = ngettext(
            "Of %(total)d pledges, <b>%(partly)d is partly fulfilled</b>, none wholly.",
            "Of %(total)d pledges, <b>%(partly)d are partly fulfilled</b>, none wholly.",
            partly,
        )
    else:
        said = _("Of %(total)d pledges, none is fulfilled yet.")
    return _say(said, total=total, done=done, partly=partly)


def _dates(flags: Counter[str], days: int) -> SafeString:
    late, soon = flags["overdue"], flags["due_soon"]
    if late and soon:
        said = ngettext(
            "The date of %(late)d has passed without a result, and %(soon)d more falls due within %(days)d days.",
            "The date of %(late)d has passed without a result, and %(soon)d more fall due within %(days)d days.",
            soon,
        )
    elif late:
        said = ngettext(
            "The date of %(late)d has passed without a result.",
            "The dates of %(late)d have passed without a result.",
            late,
        )
    elif soon:
        said = ngettext("Within %(days)d days %(soon)d falls due.", "Within %(days)d days %(soon)d fall due.", soon)
    else:
        return SafeString("")
    return _say(said, late=late, soon=soon, days=days)


def _unjudged(waiting: int) -> SafeString:
    said = ngettext("%(waiting)d is not assessed yet.", "%(waiting)d are not assessed yet.", waiting)
    return _say(said, waiting=waiting) if waiting else SafeString("")
