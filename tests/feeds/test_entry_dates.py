from datetime import UTC, datetime

import pytest

from tracker.feeds.entry_dates import is_before, read_date

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def moment(*parts):
    return datetime(2026, 11, *parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tue, 24 Nov 2026 08:00:00 +0500", moment(24, 3)),
        ("Tue, 24 Nov 2026 08:00:00 +05:00", moment(24, 3)),
        ("Tue, 24 Nov 2026 08:00:00 GMT+0500", moment(24, 3)),
        ("24 Nov 2026 08:00 GMT", moment(24, 8)),
        ("Tue, 24 Nov 26 08:00:00 EST", moment(24, 13)),
        ("Tue, 24 November 2026 08:00:60 MSK", moment(24, 5, 0, 59)),
        ("Вт, 24 Nov 2026 08:00:00 +0300", moment(24, 5)),
        ("24-Nov-2026", moment(24)),
        ("Tue Nov 24 08:00:00 2026", moment(24, 8)),
        ("2026-11-24T08:00:00Z", moment(24, 8)),
        ("2026-11-24T08:00:00.123+05:30", moment(24, 2, 30)),
        ("2026-11-24T08:00+05", moment(24, 3)),
        ("2026-11-24 08:00:00", moment(24, 8)),
        ("20261124T080000Z", moment(24, 8)),
        ("2026-11-23T24:00:00Z", moment(24)),
        ("2026-11-24", moment(24)),
        ("2026-11", moment(1)),
        ("  2026-11-25T08:59:00Z ", moment(25, 8, 59)),
    ],
)
def test_dates_are_read_as_feeds_write_them(text, read):
    assert read_date(text, now=NOW) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "31 Feb 2026 10:00:00 GMT",
        "Tue, 24 Nov 2026 25:00:00 GMT",
        "Tue, 24 Nov 2026 08:00:00 +9999",
        "Tue, 24 Nov 2026 08:00:00 +1499",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1601-01-01T00:00:00Z",
        "9999-12-31T24:00:00Z",
        "99999-01-01",
        "2036-11-24T08:00:00Z",
        "2026-11-25T09:01:00Z",
        "1" * 5000,
        "٢٠٢٦-١١-٢٤T٠٨:٠٠:٠٠Z" * 50,
    ],
)
def test_what_makes_no_sense_is_no_date(text):
    assert read_date(text, now=NOW) is None


def test_order_needs_two_readable_dates():
    assert is_before("2026-11-01", "Tue, 24 Nov 2026 08:00:00 GMT")
    assert not is_before("2026-11-24", "2026-11-24")
    assert not is_before("soon", "2026-11-24")
    assert not is_before("2026-11-24", "")
