"""When a digest is due and which days it speaks of: local hours on one UTC line; pure."""

from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date

from tracker.accounts.zones import zone as zone_named

HALF_A_PERIOD = {
    "instant": timedelta(0),
    "daily": timedelta(hours=12),
    "weekly": timedelta(hours=84),
    "monthly": timedelta(days=15),
}
BREATH = timedelta(minutes=5)  # between two mails of what is told at once, so that one hour's work is not ten mails
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
ONE_DAY = timedelta(days=1)


def next_at(frequency: str, weekday: int, hour: int, zone: str, after: datetime) -> datetime | None:
    """The first chosen local hour later than `after`, in UTC; None for never. An unknown zone counts as UTC.

    Monthly is the first chosen weekday of a month; at once is a few minutes later, whatever the hour.
    An hour that a clock change leaves out comes when that hour would have been; one that comes twice is meant the first
    time. Starting a day early finds the day that a zone jumped over.
    """
    if frequency not in HALF_A_PERIOD:
        return None
    if frequency == "instant":
        return after + BREATH
    place = zone_named(zone)
    day = after.astimezone(place).date() - ONE_DAY
    while True:
        at = datetime.combine(day, time(hour), tzinfo=place).astimezone(UTC)
        if at > after and _is_chosen(day, frequency, weekday):
            return at
        day += ONE_DAY


def _is_chosen(day: date, frequency: str, weekday: int) -> bool:
    return frequency == "daily" or (day.weekday() == weekday and (frequency == "weekly" or day.day <= 7))


def next_after_change(
    frequency: str, weekday: int, hour: int, zone: str, *, covered_until: datetime, last_mail: datetime | None
) -> datetime | None:
    """The next one when someone moves the hour, the day or the zone: at least half a period after the last mail.

    So no change makes two mails of one period, and none makes anyone wait longer than a period and a half: the moment
    may have passed already, and then the mail is due at once.
    """
    if frequency not in HALF_A_PERIOD:
        return None
    rested = last_mail + HALF_A_PERIOD[frequency] - timedelta(microseconds=1) if last_mail else covered_until
    return next_at(frequency, weekday, hour, zone, max(covered_until, rested))


def days(start: datetime, end: datetime, zone: str) -> tuple[date, date]:
    """The first and last local day that a period mostly covers: Monday 8:00 to Monday 8:00 is Monday to Sunday."""
    place, noon = zone_named(zone), timedelta(hours=12)
    began = start.astimezone(place)
    last = max((end.astimezone(place) - noon).date(), began.date())
    return min((began + noon).date(), last), last


def describe_days(first: date, last: date, language: str) -> str:
    """`23 Nov 2025`, `17–23 Nov 2025`, `28 Nov – 4 Dec 2025`."""
    locale = language.replace("-", "_")
    end = format_date(last, "d MMM y", locale=locale)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    return f"{format_date(first, 'd MMM' if first.year == last.year else 'd MMM y', locale=locale)} – {end}"


def reminder_days(text: str) -> list[int]:
    """`30, 7` → [30, 7], longest first. ValueError for anything but up to five numbers from 1 to 365."""
    days = {int(part) for part in text.split(",") if part.strip()}
    if len(days) > 5 or not all(1 <= day <= 365 for day in days):
        raise ValueError(text)
    return sorted(days, reverse=True)


def retry_at(attempts: int, now: datetime, spread: float) -> datetime:
    """After one failure a minute, then three times as long each time, up to six hours.

    `spread`, from 0 to 1, adds up to a quarter, so that a server that comes back is not met by everyone at once.
    """
    pause = min(FIRST_PAUSE * 3 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return now + pause * (1 + spread / 4)
