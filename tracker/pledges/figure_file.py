"""A CSV file of figures → its lines. What a line means is for the form to say; here it only has to be a table."""

import csv
import io
from dataclasses import dataclass

from tracker.pledges.csv_cells import plain

COLUMNS = ("series", "period", "value", "publisher", "url", "note")
REQUIRED = ("period", "value")
LARGEST = 200_000  # bytes
MOST_LINES = 1000


class FigureFileError(ValueError):
    """`code` says what is wrong with the file: too_large, not_utf8, not_a_table, columns,
    columns_missing, empty or too_many.

    `detail` is the line or the columns at fault.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Line:
    """`number` is where it begins in the file, as an editor of text counts."""

    number: int
    cells: dict[str, str]


def lines(data: bytes) -> list[Line]:
    """Every line that holds something, by its columns. Raises FigureFileError."""
    if len(data) > LARGEST:
        raise FigureFileError("too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FigureFileError("not_utf8") from error
    rows = _table(text)
    if not rows:
        raise FigureFileError("empty")
    header = [name.strip().lower() for name in rows[0][1]]
    _check(header)
    found = [
        Line(number, {name: plain(cell).strip() for name, cell in zip(header, cells, strict=False)})
        for number, cells in rows[1:]
    ]
    if not found:
        raise FigureFileError("empty")
    if len(found) > MOST_LINES:
        raise FigureFileError("too_many")
    return found


def _check(header: list[str]) -> None:
    if wrong := [name for name in header if name not in COLUMNS or header.count(name) > 1]:
        raise FigureFileError("columns", ", ".join(dict.fromkeys(wrong))[:100])
    if missing := [name for name in REQUIRED if name not in header]:
        raise FigureFileError("columns_missing", ", ".join(missing))


def _table(text: str) -> list[tuple[int, list[str]]]:
    """Cells with the number of the line where they begin; commas, semicolons and tabs part them."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    rows, begins = [], 1
    width = 0
    try:
        for cells in reader:
            width = width or len(cells)
            if len(cells) > width:
                raise FigureFileError("not_a_table", str(begins))
            if any(cell.strip() for cell in cells):
                rows.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FigureFileError("not_a_table", str(begins)) from error
    return rows
