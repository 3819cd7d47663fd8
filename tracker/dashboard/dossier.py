"""One pledge with all that is on record about it."""

import difflib
import re
from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.models import Assessment, Edit, Evidence, Party, Pledge, Stance

EDITS_SHOWN = 100
NEWEST_EVIDENCE = 12  # the older items stand folded below

Piece = tuple[str, str]  # ("" | "ins" | "del", words)


@dataclass(frozen=True)
class Tab:
    stance: str
    count: int


@dataclass(frozen=True)
class EvidenceList:
    """Standing evidence of one stance or all, the newest open and the rest folded; the withdrawn apart."""

    standing: list[Evidence]
    newest: list[Evidence]
    older: list[Evidence]
    withdrawn: list[Evidence]
    tabs: list[Tab]
    count: int
    languages: int
    chosen: str


def evidence_of(pledge: Pledge, stance: str, as_of: AsOf = NOW) -> EvidenceList:
    people = ("voice_party", "added_by", "withdrawn_by")
    rows = as_of.worded(as_of.seen(as_of.added(pledge.evidence.select_related(*people, "copy").defer("copy__text"))))
    standing = [row for row in rows if row.withdrawn_at is None]
    counts = Counter(row.stance for row in standing)
    chosen = stance if counts[stance] else ""
    shown = [row for row in standing if row.stance == chosen] if chosen else standing
    return EvidenceList(
        standing=standing,
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
    """A judgement, and how its reason differs from the one before of the same matter."""

    assessment: Assessment
    pieces: list[Piece]
    has_moved: bool
    corrected_by: Assessment | None = None


def history(assessments: QuerySet[Assessment], as_of: AsOf = NOW) -> list[Entry]:
    """Newest first, as recorded."""
    people = ("recorded_by", "confirmed_by", "party", "corrects")
    counted = as_of.assessments(assessments)
    rows = as_of.worded(counted.select_related(*people).prefetch_related("evidence"))
    corrected = {row.corrects_id: row for row in reversed(rows)}
    said: dict[int | None, str] = {}
    entries = []
    for row in reversed(rows):
        before, said[row.party_id] = said.get(row.party_id, ""), str(row.rationale)
        pieces = word_diff(before, said[row.party_id])
        entries.append(Entry(row, pieces, row.status != row.previous_status, corrected.get(row.pk)))
    return entries[::-1]


@dataclass(frozen=True)
class Verdict:
    """What stands: the newest judgement of the pledge as a whole and, where parties are judged apart, of each."""

    whole: Assessment | None
    parts: list[tuple[Party, Assessment | None]]


def verdict(pledge: Pledge, entries: list[Entry]) -> Verdict:
    newest: dict[Party | None, Assessment] = {}
    for entry in entries:
        newest.setdefault(entry.assessment.party, entry.assessment)
    parties = pledge.parties.all() if pledge.is_judged_per_party else ()
    return Verdict(newest.get(None), [(party, newest.get(party)) for party in parties])


def edits(pledge: Pledge, as_of: AsOf) -> list[Edit]:
    """What editors and declaration files changed in the text of the pledge and its milestones, newest first."""
    rows = pledge.edits.select_related("by")
    return list(rows.filter(at__lt=as_of.until) if as_of.day else rows)[:EDITS_SHOWN]


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


def neighbours(pledge: Pledge, as_of: AsOf = NOW) -> tuple[Pledge | None, Pledge | None, int]:
    """The pledge before, the one after, and how many there are."""
    others = as_of.recorded(pledge.declaration.pledges.only("declaration", "number", "reference", "title"))
    before = others.filter(number__lt=pledge.number).order_by("-number").first()
    after = others.filter(number__gt=pledge.number).order_by("number").first()
    return before, after, others.count()
