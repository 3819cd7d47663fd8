"""Places of the charts, from plain values."""

from datetime import date

from tracker.pledges import charts

SIGNED = date(2024, 7, 3)
TODAY = date(2026, 11, 24)


def axis(*days, signed_on=SIGNED, today=TODAY):
    return charts.Axis.over(signed_on=signed_on, today=today, days=days)


def number(place):
    return float(place.removesuffix("%"))


def test_axis_runs_from_the_quarter_of_signing_to_the_end_of_next_year():
    assert axis().first == date(2024, 7, 1)
    assert axis().last == date(2027, 12, 31)


def test_axis_reaches_the_last_date_but_not_the_end_of_time():
    assert axis(date(2030, 3, 1)).last == date(2030, 12, 31)
    assert axis(date(9999, 12, 31)).last == date(2027, 12, 31)


def test_days_outside_the_axis_stay_at_its_edges():
    assert axis().x(date(1999, 1, 1)) == "0.00%"
    assert axis().x(date(2999, 1, 1)) == "100.00%"


def test_every_year_is_named_once():
    years = [tick.year for tick in axis().ticks if tick.year]
    assert years == [2024, 2025, 2026, 2027]


def test_long_axis_drops_quarters_and_names_some_years():
    ticks = axis(date(2050, 1, 1)).ticks
    assert len(ticks) < 30
    assert len([tick for tick in ticks if tick.year]) <= 13


def track(earliest, latest):
    return charts.track(axis(), signed_on=SIGNED, due_earliest=earliest, due_latest=latest)


def test_window_is_as_wide_as_the_date_is_vague():
    year = track(date(2025, 1, 1), date(2025, 12, 31)).window
    month = track(date(2025, 6, 1), date(2025, 6, 30)).window
    assert number(year.width) > 10 * number(month.width)
    assert not year.is_day


def test_exact_day_is_a_mark_of_its_own():
    assert track(date(2025, 1, 1), date(2025, 1, 1)).window.is_day


def test_lead_ends_where_the_window_begins():
    drawn = track(date(2025, 1, 1), date(2025, 12, 31))
    assert drawn.lead == drawn.window.x


def test_without_a_date_the_line_runs_to_the_edge():
    drawn = track(None, None)
    assert drawn.window is None
    assert drawn.lead == "100%"


def test_window_with_an_open_beginning_starts_at_the_signing():
    assert track(None, date(2025, 12, 31)).window.x == axis().x(SIGNED)


def test_last_day_that_can_be_written_is_drawn_too():
    assert track(date(2025, 1, 1), date.max).window.end == "100.00%"


def test_spark_shows_only_months_that_have_something():
    bars = charts.spark(accepted={(2024, 8): 1}, others={(2024, 8): 2, (2025, 1): 1}, first=SIGNED, last=TODAY)
    assert len(bars) == 2
    assert bars[0].foot_height
    assert bars[1].foot_height is None
    assert float(bars[0].height) > float(bars[1].height)


def test_spark_keeps_its_width_after_ten_years():
    bars = charts.spark(accepted={(2034, 7): 1}, others={}, first=SIGNED, last=date(2034, 7, 31))
    assert float(bars[0].x) + float(bars[0].width) <= charts.SPARK_WIDTH


def test_spark_of_a_declaration_signed_later_than_its_evidence_is_empty():
    assert charts.spark(accepted={(2020, 1): 3}, others={}, first=SIGNED, last=SIGNED) == []
