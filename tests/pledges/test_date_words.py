"""What people write is understood as they mean it, never more precisely, and unreadable words are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.pledges.date_words import read
from tracker.pledges.dates import FuzzyDateError, bounds, describe

WRITTEN = """
    2025                               2025
    2025-06-16                         2025-06-16
    2024/2030                          2024/2030
    2024-2030                          2024/2030
    2024–2030                          2024/2030
    2024-12                            2024-12
    Q3 2025                            2025-35
    2025-Q3                            2025-35
    the third quarter of 2025          2025-35
    H1 2026                            2026-40
    first half of 2026                 2026-40
    June 2026                          2026-06
    Sept. 2026                         2026-09
    16 June 2025                       2025-06-16
    June 16, 2025                      2025-06-16
    16.06.2025                         2025-06-16
    in 2025                            2025
    by June 2026                       ../2026-06
    by the end of Q2 2027              ../2027-34
    no later than 16 June 2025         ../2025-06-16
    before the end of 2026             ../2026
    at the end of 2026                 2026
    from June 2026                     2026-06/..
    from June 2026 to March 2027       2026-06/2027-03
    between 2024 and 2030              2024/2030
    about 2026                         2026~
    fin 2026                           2026
    d’ici juin 2026                    ../2026-06
    d'ici à la fin de l’année 2026     ../2026
    au plus tard le 1er juin 2026      ../2026-06-01
    au premier semestre 2026           2026-40
    3e trimestre 2026                  2026-35
    T3 2025                            2025-35
    à partir de juin 2026              2026-06/..
    du 1er juin 2026 au 3 juillet 2026 2026-06-01/2026-07-03
    DECEMBRE 2026                      2026-12
    vers juin 2026                     2026-06~
    до 31 декабря 2026                 ../2026-12-31
    до мая 2026 г.                     ../2026-05
    к концу 2030 года                  ../2030
    в июне 2026 года                   2026-06
    III квартал 2026 г.                2026-35
    во втором квартале 2026 года       2026-34
    с июня 2026 до марта 2027 года     2026-06/2027-03
    2027 жылғы 1 наурыз                2027-03-01
    2026 жылдың соңына дейін           ../2026
    2026 жылғы 31 желтоқсанға дейін    ../2026-12-31
    2026 жылдың 3-тоқсаны              2026-35
    2026年底前                          ../2026
    2026年6月底前                       ../2026-06
    2026年6月16日                       2026-06-16
    2026年第三季度                      2026-35
    2026年上半年                        2026-40
    2026年十二月                        2026-12
    自2026年起                          2026/..
    ２０２６年                          2026
"""


@pytest.mark.parametrize(("words", "edtf"), [line.rsplit(maxsplit=1) for line in WRITTEN.strip().splitlines()])
def test_words_are_read_as_people_mean_them(words, edtf):
    assert read(words.strip()) == edtf


@pytest.mark.parametrize(
    "words",
    [
        *("soon", "at an early date", "early 2026", "before June 2026", "16/06/2025", "03/04/05", "June", "1 2026"),
        *("31 February 2026", "2026-13", "Q5 2026", "H3 2026", "2030 to 2024", "by by 2026", "from 2024 to", "…–…"),
        *("2024 2025", "by 2024 to 2025", "June July 2026", "скоро", "近期", "9" * 5000, "about " * 30, "\0"),
    ],
)
def test_what_is_not_surely_a_date_is_refused_by_name(words):
    with pytest.raises(FuzzyDateError, match="not understood"):
        read(words)


def test_nothing_written_is_no_date():
    assert read("  ") == ""


days = st.dates(min_value=bounds("1900")[0], max_value=bounds("2999")[1]).map(str)
months = days.map(lambda day: day[:7])
parts = st.builds("{}-{}".format, st.integers(1900, 2999), st.sampled_from((33, 34, 35, 36, 40, 41)))
single = st.one_of(days, months, parts, st.integers(1900, 2999).map(str))
values = st.one_of(
    single,
    single.map("{}~".format),
    single.map("../{}".format),
    single.map("{}/..".format),
    st.lists(single, min_size=2, max_size=2).map(lambda pair: "/".join(sorted(pair, key=lambda end: bounds(end)[0]))),
).filter(lambda edtf: "/" not in edtf or _is_sound(edtf))


def _is_sound(edtf):
    try:
        return bool(bounds(edtf))
    except FuzzyDateError:
        return False


@given(values, st.sampled_from(("en", "fr", "ru", "kk", "zh")))
def test_what_pages_show_reads_back_as_the_same_date(edtf, language):
    assert read(describe(edtf, language)) == edtf


@given(values)
def test_an_edtf_value_is_read_as_itself(edtf):
    assert read(edtf) == edtf


@given(
    st.lists(
        st.sampled_from(
            [
                "2026",
                "16",
                "3",
                "Q",
                "by",
                "end",
                "from",
                "to",
                "about",
                "june",
                "…",
                "–",
                "/",
                "-",
                ".",
                "du",
                "à",
                "до",
                "года",
                "年",
                "月",
                "底",
                "2027",
            ]
        ),
        max_size=8,
    )
)
def test_no_day_is_invented(words):
    text = " ".join(words)
    try:
        edtf = read(text)
    except FuzzyDateError:
        return
    earliest, latest = bounds(edtf)
    assert earliest is None or latest is None or earliest <= latest
    if not {"16", "3"} & set(words):
        assert not earliest or not latest or (latest - earliest).days >= 27


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        bounds(read(text))
    except FuzzyDateError:
        return
