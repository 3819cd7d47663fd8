from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
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


# Where the edtf library reads a value of our grammar, it is the judge. Left out: what it gets wrong or cannot read
# (docs/decisions/0006-fuzzy-dates.md): intervals of quarters, an unknown end, intervals that end before they begin.
_days = st.dates(min_value=date(1000, 1, 1)).map(str)
_plain = st.one_of(_days, _days.map(lambda day: day[:7]), _days.map(lambda day: day[:4]))
_parts = st.builds("{:04d}-{}".format, st.integers(1000, 9999), st.sampled_from((33, 34, 35, 36, 40, 41)))


def _judged(edtf):
    """The first and last day by the library; None at an open end."""
    parsed = parse_edtf(edtf)
    ends = parsed.lower_strict(), parsed.upper_strict()
    return tuple(None if isinstance(end, float) else date(end.tm_year, end.tm_mon, end.tm_mday) for end in ends)


@given(st.one_of(_plain, _parts, st.builds("{}{}".format, _plain, st.sampled_from("?~%"))))
@settings(max_examples=60, deadline=None)
def test_an_independent_library_finds_the_same_days(edtf):
    assert bounds(edtf) == _judged(edtf)


@given(
    st.one_of(
        st.tuples(_plain, _plain).map(sorted).map("/".join), _plain.map("{}/..".format), _plain.map("../{}".format)
    )
)
@settings(max_examples=60, deadline=None)
def test_an_independent_library_finds_the_same_ends_of_intervals(edtf):
    try:
        found = bounds(edtf)
    except FuzzyDateError:
        return
    assert found == _judged(edtf)
