"""What a reader cites: a declaration or a pledge as it stood on a day, or one judgement for good."""

from datetime import UTC, date

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.dashboard.templatetags.parts import when
from tracker.pledges.as_of import Asked, AsOf
from tracker.pledges.citing import Citation
from tracker.pledges.models import Assessment, Declaration, Pledge


def of_declaration(declaration: Declaration, asked: Asked) -> Citation:
    day = _day(asked)
    return Citation(
        reference=declaration.reference,
        title=str(declaration),
        state=_("as of %(day)s") % {"day": when(day)},
        day=day,
        accessed=asked.today,
        url=f"{settings.SITE_URL}{declaration.get_absolute_url()}{AsOf(day).query}",
        language=get_language() or "en",
    )


def of_pledge(pledge: Pledge, asked: Asked) -> Citation:
    """With the status that the pledge carries, which is that of the day."""
    day = _day(asked)
    return Citation(
        reference=pledge.reference,
        title=str(pledge),
        state=_("%(status)s as of %(day)s") % {"status": pledge.get_status_display().lower(), "day": when(day)},
        day=day,
        accessed=asked.today,
        url=f"{settings.SITE_URL}{pledge.get_absolute_url()}{AsOf(day).query}",
        language=get_language() or "en",
    )


def of_judgement(judgement: Assessment, asked: Asked) -> Citation:
    """Without a day in the address, for a judgement never changes."""
    day = judgement.recorded_at.astimezone(UTC).date()
    said = {"status": judgement.get_status_display().lower(), "day": when(day)}
    return Citation(
        reference=f"{judgement.pledge.reference}/{judgement.pk}",
        title=str(judgement.pledge),
        state=_("judged %(status)s on %(day)s") % said,
        day=day,
        accessed=asked.today,
        url=f"{settings.SITE_URL}{judgement.get_absolute_url()}",
        language=get_language() or "en",
    )


def _day(asked: Asked) -> date:
    """Who reads the present cites it as of today."""
    return asked.as_of.day or asked.today
