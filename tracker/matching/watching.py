"""The rules that the pledges in the database are watched by."""

import logging
from dataclasses import replace
from threading import Lock

from tracker.matching.drafts import draft_of
from tracker.matching.models import Lesson
from tracker.matching.rules import Rulebook, Source, compile_rules, fingerprint, problems, sources
from tracker.pledges.models import Declaration, Pledge

log = logging.getLogger(__name__)
_compiled: dict[str, Rulebook] = {}  # the newest only, by what the rules say
_turn = Lock()


def rule_sources(*, drafted: bool = False) -> list[Source]:
    """Every pledge's rule, by reference: its own, or the draft of one. What a later pledge replaces is not watched.

    `drafted`: the drafts of all, whatever they have of their own.
    """
    by_declaration: dict[int, dict[str, dict]] = {}
    in_force = Pledge.objects.in_force().order_by("declaration", "number")
    own = in_force.exclude(watch={}) if not drafted else in_force.none()
    for declaration, reference, watch in own.values_list("declaration", "reference", "watch"):
        by_declaration.setdefault(declaration, {})[reference] = watch
    to_draft = in_force if drafted else in_force.filter(watch={})
    for pledge in to_draft.select_related("theme").prefetch_related("declaration__parties"):
        by_declaration.setdefault(pledge.declaration_id, {})[pledge.reference] = draft_of(pledge)
    declarations = Declaration.objects.in_bulk(list(by_declaration))
    lessons = Lesson.objects.none() if drafted else Lesson.objects.select_related("pledge")
    learned = {lesson.pledge.reference: lesson.learned for lesson in lessons}
    return [
        replace(source, learned=learned.get(source.key))
        for pk, pledges in by_declaration.items()
        for source in sources(declarations[pk].watch, declarations[pk].signed_on, pledges)
    ]


def rulebook() -> Rulebook:
    """The rules as they stand now, compiled once for each change. A rule that makes no sense is logged and left out."""
    return rulebook_of(rule_sources())


def rulebook_of(read: list[Source]) -> Rulebook:
    key = fingerprint(read)
    with _turn:
        if key not in _compiled:
            usable = []
            for source in read:
                if wrong := problems(source):
                    log.error("A watch rule is left out: %s", "; ".join(wrong))
                    continue
                usable.append(source)
            _compiled.clear()
            _compiled[key] = compile_rules(usable)
        return _compiled[key]
