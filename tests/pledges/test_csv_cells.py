"""Cells of CSV files that no spreadsheet takes for formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.pledges.csv_cells import guarded, plain

SIGNS = "=+-@\t\r＝＋－＠"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "  "])
def test_nothing_that_begins_like_a_formula_is_left_so(sign, before):
    assert guarded(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("text", ["", "Lake Courier", "a=b", "1 + 1", "'tis", "https://example.org/?a=-1"])
def test_ordinary_text_stays(text):
    assert guarded(text) == text
    assert plain(text) == text


@given(st.text(alphabet=st.sampled_from("'" + SIGNS + ' ab\n,;"é字')))
def test_a_file_gives_back_what_was_written(text):
    cell = guarded(text)
    assert cell.lstrip()[:1] not in tuple(SIGNS.strip())
    file = io.StringIO()
    csv.writer(file).writerow([cell, "end"])
    assert plain(next(csv.reader(io.StringIO(file.getvalue(), newline="")))[0]) == text
