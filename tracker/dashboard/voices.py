"""Evidence by what it shows and who says so, and in one sentence who confirms."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel.lists import format_list
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.pledges.corroboration import Corroboration, Voice, corroboration
from tracker.pledges.models import Evidence, Party, Stance
from tracker.pledges.models import Voice as VoiceKind

SQUARES_AT_MOST = 6


@dataclass(frozen=True)
class Cell:
    count: int

    @property
    def squares(self) -> range:
        """One for each item, as long as they fit."""
        return range(self.count if self.count <= SQUARES_AT_MOST else 0)


@dataclass(frozen=True)
class Row:
    stance: str
    cells: list[Cell]

    @property
    def total(self) -> int:
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True)
class VoiceMatrix:
    columns: list[str]
    rows: list[Row]
    totals: list[int]
    total: int
    sentence: str


def voice_matrix(evidence: Sequence[Evidence], parties: Iterable[Party]) -> VoiceMatrix:
    """Of standing evidence. Every party has its column, said or silent: the gaps are the point."""
    items = [(item.stance, _voice(item)) for item in evidence]
    counts = Counter(items)
    sides = list(parties)
    names = {party.code: str(party) for party in sides}
    names |= {item.voice_party.code: str(item.voice_party) for item in evidence if item.voice_party}
    voices = [Voice(VoiceKind.PARTY, code) for code in names]
    voices += [Voice(VoiceKind.INDEPENDENT), Voice(VoiceKind.MULTILATERAL)]
    shown = [stance for stance in Stance.values if any(counts[stance, voice] for voice in voices)]
    return VoiceMatrix(
        columns=[names.get(voice.party) or str(VoiceKind(voice.kind).label) for voice in voices],
        rows=[Row(stance, [Cell(counts[stance, voice]) for voice in voices]) for stance in shown],
        totals=[sum(counts[stance, voice] for stance in shown) for voice in voices],
        total=len(items),
        sentence=sentence(corroboration(items, [party.code for party in sides]), names),
    )


def _voice(item: Evidence) -> Voice:
    return Voice(item.voice, item.voice_party.code if item.voice_party else "")


def sentence(found: Corroboration, names: Mapping[str, str]) -> str:
    """`Confirmed by one side only: China.`"""
    words = {
        ("nothing", False): _("No source confirms or contradicts it yet."),
        ("contradicted", False): _("No source confirms it, and a setback is reported."),
        ("one_side", False): _("Confirmed by one side only: %(sides)s."),
        ("one_side", True): _("Confirmed by one side, %(sides)s, and by sources that belong to no side."),
        ("some_sides", False): _("Confirmed by some sides only: %(sides)s."),
        ("some_sides", True): _("Confirmed by some sides, %(sides)s, and by sources that belong to no side."),
        ("all_sides", False): _("Confirmed by every side, and by nobody else."),
        ("all_sides", True): _("Confirmed by every side and by sources that belong to no side."),
        ("others", True): _("Confirmed only by sources that belong to no side."),
    }[found.verdict, found.others]
    locale = (get_language() or "en").replace("-", "_")
    said = words % {"sides": format_list([names[code] for code in found.sides], locale=locale)}
    if found.is_contradicted and found.verdict != "contradicted":
        said += " " + _("A setback is reported too.")
    return said
