from datetime import UTC, datetime

import pytest

from tracker.feeds.entry_dates import is_before, read_coarse, read_date

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
        ("1795507200", moment(24, 8)),
        ("1795507200000", moment(24, 8)),
        ("November 24, 2026 8:00 am", moment(24, 8)),
        ("Tuesday, Nov. 24th, 2026, 8:00 PM EST", moment(25, 1)),
        ("2026/11/24 08:00", moment(24, 8)),
        ("24/11/2026", moment(24)),
        ("11/24/2026", moment(24)),
        ("mar. 24 nov. 2026 08:00:00 +0100", moment(24, 7)),
        ("mardi 24 novembre 2026 à 8:00", moment(24, 8)),
        ("24 нояб. 2026 08:00 МСК", moment(24, 5)),
        ("Вторник, 24 ноября 2026 г., 08:00", moment(24, 8)),
        ("24.11.2026 08:00", moment(24, 8)),
        ("2026年11月24日 08:00", moment(24, 8)),
        ("2026年11月23日 下午3:30:05", moment(23, 15, 30, 5)),
        ("2026 жылғы 24 қараша, 08:00", moment(24, 8)),
        ("сенбі, 21 қараша 2026", moment(21)),
        ("Di, 24. November 2026 08:00:00 +0100", moment(24, 7)),
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
        "2026",
        "2026-11",
        "November 2026",
        "03/04/2026",
        "Lac 3000 sur 2026 et 2025, mai",
        "9999999999999",
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


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-10", "2026-10"),
        ("202610", "2026-10"),
        ("2026", "2026"),
        ("October 2026", "2026-10"),
        ("octobre 2026", "2026-10"),
        ("октябрь 2026 г.", "2026-10"),
        ("2026年10月", "2026-10"),
        ("2026 жылғы қазан", "2026-10"),
        ("2026-12", ""),
        ("2027", ""),
        ("0999", ""),
        ("2026-13", ""),
        ("2026-10-05", ""),
        ("5 October 2026", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_a_date_without_a_day_stays_without_one(text, read):
    assert read_coarse(text, now=NOW) == read
