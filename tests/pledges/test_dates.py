from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.pledges.dates import FuzzyDateError, bounds, describe


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("", None, None),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-06-16", date(2025, 6, 16), date(2025, 6, 16)),
        ("2025-35", date(2025, 7, 1), date(2025, 9, 30)),
        ("2026-40", date(2026, 1, 1), date(2026, 6, 30)),
        ("2024/2030", date(2024, 1, 1), date(2030, 12, 31)),
        ("2026-02/..", date(2026, 2, 1), None),
        ("2026~", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026?", date(2026, 1, 1), date(2026, 12, 31)),
        ("2025-33/2025-34", date(2025, 1, 1), date(2025, 6, 30)),
        ("../2025-08", None, date(2025, 8, 31)),
        ("/2025", None, date(2025, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_fuzzy_date_spans_all_the_days_it_can_mean(edtf, earliest, latest):
    assert bounds(edtf) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "2025-00", "2025-13", "2025-32", "2025-42", "2025-02-30", "2025-35-01", "0000", "20250101", "202X"),
        *(
            "2030/2024",
            "2025/2026/2027",
            "2025/soon",
            "../..",
            "/",
            "2025-06-16-1",
            "2025~~",
            "2025\n",
            " 2025",
            "-2025",
        ),
        *("٢٠٢٥", "2025-²²", "²⁰²⁵", "2025-1", "9" * 5000),
    ],
)
def test_what_is_no_date_is_refused_by_name(text):
    with pytest.raises(FuzzyDateError):
        bounds(text)


@pytest.mark.parametrize(
    ("edtf", "english", "french"),
    [
        ("2025", "2025", "2025"),
        ("2025-06", "Jun 2025", "juin 2025"),
        ("2025-35", "Q3 2025", "T3 2025"),
        ("2026-40", "H1 2026", "S1 2026"),
        ("2024/2030", "2024–2030", "2024–2030"),
        ("2025-06-16", "16 Jun 2025", "16 juin 2025"),
        ("2026-02/..", "Feb 2026–…", "févr. 2026–…"),
        ("2026~", "about 2026", "vers 2026"),
        ("2026-35?", "about Q3 2026", "vers T3 2026"),
        ("", "", ""),
    ],
)
def test_a_date_is_written_no_more_precisely_than_it_is_known(edtf, english, french):
    assert (describe(edtf, "en"), describe(edtf, "fr")) == (english, french)


@given(st.text(alphabet="0123456789-/.?~%X ", max_size=14))
def test_any_text_is_a_date_that_can_be_written_or_none_at_all(text):
    try:
        earliest, latest = bounds(text)
    except FuzzyDateError:
        return
    assert earliest is None or latest is None or earliest <= latest
    assert describe(text, "en") or not text
