"""The record as it was known and in effect on one day, to its last moment in UTC; without a day, as it is now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Min, Model, Q, QuerySet
from django.utils.translation import gettext as _

from tracker.pledges.models import Assessment, Edit, Evidence, Lineage, Milestone, Observation, Pledge
from tracker.pledges.rewinding import rewind


@dataclass(frozen=True)
class AsOf:
    """Rows go in and those that count come out, so that readers of the present and of the past share their code."""

    day: date | None = None

    @property
    def query(self) -> str:
        """For the end of an address; so too `more`, where the address asks for something already."""
        return f"?as_of={self.day}" if self.day else ""

    @property
    def more(self) -> str:
        return f"&as_of={self.day}" if self.day else ""

    @property
    def until(self) -> datetime:
        """The first moment that no longer counts; the present has none."""
        if self.day is None:
            return datetime.max.replace(tzinfo=UTC)
        return datetime.combine(self.day + timedelta(days=1), time(), UTC)

    def today(self, now: date) -> date:
        """The day from which due dates are counted."""
        return self.day or now

    def recorded[Row: Model](self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Without pledges, milestones, themes … that came later. What a first load brought was there on any day."""
        if not self.day:
            return rows
        later = Edit.objects.filter(record=rows.model._meta.model_name, field="", at__gte=self.until)
        return rows.exclude(pk__in=later.values("record_id"))

    def worded[Row: Model](self, rows: Iterable[Row]) -> list[Row]:
        """As they were worded and dated, and so all that was loaded along with them."""
        found = list(rows)
        if self.day:
            rewind(found, self.until)
        return found

    def assessments(self, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
        """Recorded by then, about what was true by then."""
        return rows.filter(recorded_at__lt=self.until, effective_on__lte=self.day) if self.day else rows

    def added[Row: Model](self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Evidence or figures that someone had added by then."""
        return rows.filter(added_at__lt=self.until) if self.day else rows

    def standing[Row: Model](self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Evidence or figures that had been added by then and not withdrawn."""
        if not self.day:
            return rows.filter(withdrawn_at__isnull=True)
        unwithdrawn = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=self.until)
        return self.added(rows).filter(unwithdrawn)

    def seen[Row: (Evidence, Observation)](self, rows: Iterable[Row]) -> list[Row]:
        """Rows to be shown: what was withdrawn later had not been."""
        seen = list(rows)
        for row in seen:
            if self.day and row.withdrawn_at and row.withdrawn_at >= self.until:
                row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = None, None, ""
        return seen

    def reached(self, rows: Iterable[Milestone]) -> list[Milestone]:
        """Milestones to be shown, by date: one whose date was still to come had not been reached."""
        steps = list(rows)
        for row in steps:
            if self.day and row.date_earliest and row.date_earliest > self.day:
                row.is_reached = False
        return sorted(steps, key=lambda row: (row.date_earliest or date.max, row.pk))

    def signed(self, rows: QuerySet[Lineage]) -> QuerySet[Lineage]:
        """What later declarations made of pledges, once these were signed and it was on record."""
        return self.recorded(rows).filter(declaration__signed_on__lte=self.day) if self.day else rows


NOW = AsOf()


def begins_at(pledges: QuerySet[Pledge]) -> datetime | None:
    """When the first judgement or evidence of these pledges came on record."""
    judged = Assessment.objects.filter(pledge__in=pledges.order_by()).aggregate(at=Min("recorded_at"))["at"]
    added = Evidence.objects.filter(pledge__in=pledges.order_by()).aggregate(at=Min("added_at"))["at"]
    return min((at for at in (judged, added) if at), default=None)


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a day, or words that are none and what is wrong with them; then the record is today's.

    `today` is the newest day one may ask for: the one that goes on in UTC.
    """

    today: date
    as_of: AsOf = NOW
    text: str = ""
    error: str = ""


def ask(text: str, *, today: date) -> Asked:
    """Takes `2026-03-12` and nothing looser: the day stands in addresses that people cite."""
    text = text.replace("\x00", "").strip()[:40]
    if not text:
        return Asked(today)
    try:
        day = date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else "")
    except ValueError:
        return Asked(today, text=text, error=_("“%(text)s” is no day. Write it as 2026-03-12.") % {"text": text})
    if day > today:
        return Asked(today, text=text, error=_("That day has not begun yet. Days are counted in UTC."))
    return Asked(today, AsOf(day), text)
