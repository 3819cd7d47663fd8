"""How to cite the record: in words, for BibTeX, and as CSL JSON, which reference managers read."""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

PUBLISHER = "Followthrough"
_QUOTED = {"fr": "«\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}»"}  # where not in English quotation marks
# BibTeX counts braces even behind a backslash, so a lone one has to be named.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}


@dataclass(frozen=True)
class Citation:
    """What a citation says. `state` is what stood in words ("partly fulfilled as of 12 Mar 2026"), `day` that day."""

    reference: str
    title: str
    state: str
    day: date
    accessed: date
    url: str
    language: str = "en"

    @property
    def key(self) -> str:
        """`followthrough-CN-KZ-2024-03-2026-03-12`"""
        name = re.sub(r"[^A-Za-z0-9]+", "-", self.reference).strip("-")
        return f"{PUBLISHER.lower()}-{name}-{self.day}"

    @property
    def text(self) -> str:
        title = _QUOTED.get(self.language, "“{}”").format(_line(self.title))
        return f"{PUBLISHER}, {title} ({self.reference}), {_line(self.state)}, {self.url}"

    @property
    def bibtex(self) -> str:
        fields = {
            "author": f"{{{PUBLISHER}}}",
            "title": f"{{{_latex(self.title)}}}",
            "number": _latex(self.reference),
            "year": str(self.day.year),
            "month": str(self.day.month),
            "note": _latex(self.state),
            "url": _address(self.url),
            "urldate": self.accessed.isoformat(),
            "langid": _latex(self.language),
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}\n"

    @property
    def csl_json(self) -> str:
        item = {
            "id": self.key,
            "type": "webpage",
            "title": _line(self.title),
            "author": [{"literal": PUBLISHER}],
            "container-title": PUBLISHER,
            "number": self.reference,
            "issued": _parts(self.day),
            "accessed": _parts(self.accessed),
            "note": _line(self.state),
            "URL": self.url,
            "language": self.language,
        }
        lines = ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in item.items()
        )
        return f"[{{\n{lines}\n}}]\n"


def _parts(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


def _line(words: str) -> str:
    """On one line, without signs that nobody sees; joiners stay, for some scripts need them."""
    seen = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") else sign for sign in words)
    return " ".join(seen.split())


def _latex(words: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in _line(words))


def _address(url: str) -> str:
    """Taken as it is by packages that know `url`, so what would end the field or the line is percent-encoded."""
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~-._")
