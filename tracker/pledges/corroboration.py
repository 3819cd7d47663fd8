"""Who confirms a pledge: each side itself, independent sources, multilateral ones.

A side is a party to the declaration; its own official sources speak for it. Progress and fulfilment confirm, a setback
contradicts, context does neither.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

CONFIRMING = ("progress", "fulfilled")
CONTRADICTING = ("setback",)
Verdict = Literal["nothing", "contradicted", "one_side", "some_sides", "all_sides", "others"]


@dataclass(frozen=True)
class Voice:
    """`party` is the code of the side whose official source speaks; empty for others."""

    kind: str
    party: str = ""


@dataclass(frozen=True)
class Corroboration:
    """`sides` confirm, by code; `others` says whether a source that is no side's own confirms too."""

    verdict: Verdict
    sides: tuple[str, ...] = ()
    others: bool = False
    is_contradicted: bool = False


def corroboration(items: Iterable[tuple[str, Voice]], sides: Collection[str]) -> Corroboration:
    """From (stance, voice) of the standing evidence and the codes of all sides."""
    said = set(items)
    confirming = {voice for stance, voice in said if stance in CONFIRMING}
    is_contradicted = any(stance in CONTRADICTING for stance, _voice in said)
    speaking = tuple(sorted({voice.party for voice in confirming if voice.party}))
    has_others = any(not voice.party for voice in confirming)
    if not confirming:
        return Corroboration("contradicted" if is_contradicted else "nothing", is_contradicted=is_contradicted)
    verdict: Verdict = "some_sides"
    if not speaking:
        verdict = "others"
    elif set(sides) <= set(speaking):
        verdict = "all_sides"
    elif len(speaking) == 1:
        verdict = "one_side"
    return Corroboration(verdict, speaking, has_others, is_contradicted)
