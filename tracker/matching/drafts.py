"""The drafts in use: a pledge without a rule of its own is watched by what its words, parties and theme suggest."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from tracker.matching.drafting import Party, Said, draft
from tracker.pledges.models import Declaration, Pledge

type Signing = tuple[tuple[str, tuple[str, ...]], ...]
_remembered = lru_cache(maxsize=50_000)(draft)  # the same words make the same draft


def draft_of(pledge: Pledge) -> dict[str, Any]:
    """What stands in for the rule that nobody wrote; empty where its words give nothing to look for."""
    declaration = pledge.declaration
    return drafted(
        title=pledge.title,
        statement=pledge.statement,
        theme=pledge.theme.title,
        parties=parties_of(declaration),
        signing=signing(declaration.place, declaration.signatories),
    )


def drafted(
    *, title: dict, statement: dict, theme: dict, parties: tuple[Party, ...], signing: Signing
) -> dict[str, Any]:
    said = tuple(
        Said(language, words, statement.get(language, ""), theme.get(language, "")) for language, words in title.items()
    )
    return _remembered(said, parties, signing)


def parties_of(declaration: Declaration) -> tuple[Party, ...]:
    parties = sorted(declaration.parties.all(), key=lambda party: party.code)
    return tuple(Party(each.code, each.territory, tuple(each.name.items())) for each in parties)


def signing(place: dict[str, str], signatories: Iterable[str]) -> Signing:
    """Where it was signed, and who signed: by the whole name, and by its first and last word."""
    people = [name for full in signatories for name in (full, full.split()[0], full.split()[-1]) if len(name) > 1]
    where = [(language, (name,)) for language, name in place.items()]
    return (*where, ("any", tuple(dict.fromkeys(people)))) if people else tuple(where)
