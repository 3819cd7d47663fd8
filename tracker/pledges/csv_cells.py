"""Text in cells of CSV files: no spreadsheet takes it for a formula, and reading gives back what was written.

Numbers are written as they are: a minus before digits is no formula.
"""

import re

# What spreadsheets take for the beginning of a formula, full-width forms too, also behind quotes added before.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n\x00＝＋－＠]")
_GUARDED = re.compile(r"''*\s*[=+\-@\t\r\n\x00＝＋－＠]")


def guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """Undoes `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell
