"""The rules that the pledges in the database are watched by."""

import logging
from threading import Lock

from tracker.matching.rules import Rulebook, Source, compile_rules, fingerprint, problems, sources
from tracker.pledges.models import Declaration, Pledge

log = logging.getLogger(__name__)
_compiled: dict[str, Rulebook] = {}  # the newest only, by what the rules say
_turn = Lock()


def rule_sources() -> list[Source]:
    """Every watched pledge's rule, by reference; what a later pledge replaces is watched no more."""
    watched = Pledge.objects.in_force().exclude(watch={}).order_by("declaration", "number")
    by_declaration: dict[int, dict[str, dict]] = {}
    for declaration, reference, watch in watched.values_list("declaration", "reference", "watch"):
        by_declaration.setdefault(declaration, {})[reference] = watch
    declarations = Declaration.objects.in_bulk(list(by_declaration))
    return [
        source
        for pk, pledges in by_declaration.items()
        for source in sources(declarations[pk].watch, declarations[pk].signed_on, pledges)
    ]


def rulebook() -> Rulebook:
    """The rules as they stand now, compiled once for each change. A rule that makes no sense is logged and left out."""
    read = rule_sources()
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
