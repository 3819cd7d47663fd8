"""CSV files of figures become lines, or say what is wrong with them."""

import pytest

from tracker.pledges.figure_file import LARGEST, MOST_LINES, FigureFileError, lines

HEADER = "series,period,value,publisher,url,note\n"


def problem(text):
    with pytest.raises(FigureFileError) as caught:
        lines(text.encode() if isinstance(text, str) else text)
    return caught.value.code, caught.value.detail


def test_lines_carry_their_number_as_an_editor_of_text_counts():
    text = HEADER + '\n"China",2024,43.8,"Customs,\nBeijing",,\n\n,2025,47.4,,,\n'
    found = lines(text.encode())
    assert [line.number for line in found] == [3, 6]
    assert found[0].cells["publisher"] == "Customs,\nBeijing"


@pytest.mark.parametrize(
    "text",
    [
        "period,value\n2024,1\n",
        "period;value\r\n2024;1\r\n",
        "period\tvalue\n2024\t1\n",
        "\ufeffValue , Period\n1,2024",
    ],
)
def test_what_spreadsheets_write_is_read(text):
    assert lines(text.encode())[0].cells == {"period": "2024", "value": "1"}


def test_cells_guarded_against_formulas_are_read_as_they_were():
    assert lines(b"period,value,note\n2024,-5,'=not a formula\n")[0].cells["note"] == "=not a formula"
    assert lines(b"period,value\n2024,-5\n")[0].cells["value"] == "-5"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("empty", "")),
        ("\n\n", ("empty", "")),
        (HEADER, ("empty", "")),
        ("period,amount\n2024,1\n", ("columns", "amount")),
        ("period,value,value\n2024,1,2\n", ("columns", "value")),
        ("series,value\nx,1\n", ("columns_missing", "period")),
        ("period,value\n2024,1,2\n", ("not_a_table", "2")),
        ('period,value\n2024,1\n2025,"1"2\n', ("not_a_table", "3")),
        ('period,value\n2024,"1\n', ("not_a_table", "2")),
        ("period,value\n" + "x" * 150_000 + ",1\n", ("not_a_table", "2")),
        (b"period,value\n\xff\xfe,1\n", ("not_utf8", "")),
        (b"x" * (LARGEST + 1), ("too_large", "")),
        ("period,value\n" + "1,2\n" * (MOST_LINES + 1), ("too_many", "")),
    ],
)
def test_what_is_no_table_of_figures_is_told(text, told):
    assert problem(text) == told
