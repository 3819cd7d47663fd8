"""One pledge with all that is on record about it."""

import difflib
import re
from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from tracker.pledges.models import Assessment, Evidence, Pledge, Stance

NEWEST_EVIDENCE = 12  # the older items stand folded below

Piece = tuple[str, str]  # ("" | "ins" | "del", words)


@dataclass(frozen=True)
class Tab:
    stance: str
    count: int


@dataclass(frozen=True)
class EvidenceList:
    """Standing evidence of one stance or all, the newest open and the rest folded; the withdrawn apart."""

    newest: list[Evidence]
    older: list[Evidence]
    withdrawn: list[Evidence]
    tabs: list[Tab]
    count: int
    languages: int
    chosen: str


def evidence_of(pledge: Pledge, stance: str) -> EvidenceList:
    rows = list(pledge.evidence.select_related("voice_party", "added_by", "withdrawn_by"))
    standing = [row for row in rows if row.withdrawn_at is None]
    counts = Counter(row.stance for row in standing)
    chosen = stance if counts[stance] else ""
    shown = [row for row in standing if row.stance == chosen] if chosen else standing
    return EvidenceList(
        newest=shown[:NEWEST_EVIDENCE],
        older=shown[NEWEST_EVIDENCE:],
        withdrawn=[row for row in rows if row.withdrawn_at],
        tabs=[Tab(code, counts[code]) for code in Stance.values if counts[code]],
        count=len(standing),
        languages=len({row.language for row in standing if row.language}),
        chosen=chosen,
    )


@dataclass(frozen=True)
class Entry:
    """A judgement, and how its reason differs from the one before."""

    assessment: Assessment
    pieces: list[Piece]
    has_moved: bool


def history(assessments: QuerySet[Assessment]) -> list[Entry]:
    """Newest first, as recorded."""
    rows = list(assessments.select_related("recorded_by", "corrects").prefetch_related("evidence"))
    befores = [*(str(row.rationale) for row in rows[1:]), ""]
    return [
        Entry(row, word_diff(before, str(row.rationale)), row.status != row.previous_status)
        for row, before in zip(rows, befores, strict=False)
    ]


def word_diff(before: str, after: str) -> list[Piece]:
    """What was taken out and put in, word by word; a text rewritten beyond recognition is shown whole."""
    old, new = _words(before), _words(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    if not before or matcher.ratio() < 0.4:
        return [("", after)]
    pieces: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        removed, added = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            pieces.append(("", added))
            continue
        if removed[:1] == added[:1] == " ":
            pieces.append(("", " "))
            removed, added = removed[1:], added[1:]
        pieces += [(mark, words) for mark, words in (("del", removed), ("ins", added)) if words]
    return pieces


def _words(text: str) -> list[str]:
    """Words with the space before them, signs apart; Chinese has no spaces, so there each character counts."""
    return re.findall(r"\s*[\u3400-\u9fff]|\s*[^\W\u3400-\u9fff]+%?|\s*[^\w\s]|\s+", text)


def neighbours(pledge: Pledge) -> tuple[Pledge | None, Pledge | None, int]:
    """The pledge before, the one after, and how many there are."""
    others = pledge.declaration.pledges.only("declaration", "number", "reference", "title")
    before = others.filter(number__lt=pledge.number).order_by("-number").first()
    after = others.filter(number__gt=pledge.number).order_by("number").first()
    return before, after, others.count()
