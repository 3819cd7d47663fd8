"""What is wrong with a watch rule, in words; pure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from babel import Locale

from tracker.matching import topics
from tracker.matching.lexicon import GAP, GAPS
from tracker.search.text import words

ROLES = ("who", "what", "where", "when")
TERM_LIMIT = 100  # characters
_WATCH = {"off", "since", "needs", "concepts", "excludes"}
_CONCEPT = {"role", "label", "weight", "territory", "topic", "hints_of", "near", "within", "terms"}


def problems(watch: Any, shared: Any, path: str) -> Iterator[str]:
    """Everything wrong with one pledge's rule, given the concepts of its declaration."""
    if not isinstance(watch, dict) or not isinstance(shared, dict):
        yield f"{path}: must be fields with values"
        return
    if unknown := sorted(map(str, watch.keys() - _WATCH)):
        yield f"{path}: unknown field {', '.join(unknown)}"
    if watch.get("off") is True:
        return
    if "off" in watch and watch["off"] is not False:
        yield f"{path}.off: must be true or false"
    yield from _since(watch.get("since"), f"{path}.since")
    concepts = watch.get("concepts", {})
    if not isinstance(concepts, dict):
        yield f"{path}.concepts: must be concepts by name"
        return
    known = {**shared, **concepts}
    yield from _needs(watch.get("needs"), known, f"{path}.needs")
    for name in dict.fromkeys([*_named(watch.get("needs")), *concepts]):
        if name in known:
            yield from _concept(shared.get(name, {}), concepts.get(name, {}), known, f"{path}.concepts.{name}")
    yield from _terms(watch.get("excludes", {}), f"{path}.excludes")


def _named(needs: Any) -> Iterator[Any]:
    for need in needs if isinstance(needs, list) else []:
        yield from (name for name in (need if isinstance(need, list) else [need]) if isinstance(name, str))


def _since(since: Any, path: str) -> Iterator[str]:
    try:
        date.fromisoformat(since or "2024-07-03")
    except (TypeError, ValueError):
        yield f"{path}: “{since}” is not a day (write 2024-07-03)"


def _needs(needs: Any, known: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(needs, list) or not needs:
        yield f"{path}: must name at least one concept"
        return
    for index, need in enumerate(needs):
        for name in need if isinstance(need, list) and need else [need]:
            if not isinstance(name, str) or name not in known:
                yield f"{path}[{index}]: there is no concept “{name}”"


def _concept(shared: Any, own: Any, known: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(shared, dict) or not isinstance(own, dict):
        yield f"{path}: must be fields with values"
        return
    merged = {**shared, **own}
    if unknown := sorted(map(str, merged.keys() - _CONCEPT)):
        yield f"{path}: unknown field {', '.join(unknown)}"
    if merged.get("role") not in ROLES:
        yield f"{path}.role: must be one of {', '.join(ROLES)}"
    yield from _numbers(merged, path)
    if (near := merged.get("near")) is not None and (not isinstance(near, str) or near not in known):
        yield f"{path}.near: there is no concept “{near}”"
    yield from _words(merged, path)
    yield from _label(merged.get("label", {}), f"{path}.label")


def _numbers(merged: dict[str, Any], path: str) -> Iterator[str]:
    weight, within = merged.get("weight", 0), merged.get("within", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not -1 <= weight <= 1:
        yield f"{path}.weight: must be a number from -1 to 1"
    elif round(weight, 4) != weight:
        yield f"{path}.weight: {weight} has more than four decimals"
    if isinstance(within, bool) or not isinstance(within, int) or not 1 <= within <= 50:
        yield f"{path}.within: must be a whole number from 1 to 50"


def _words(merged: dict[str, Any], path: str) -> Iterator[str]:
    territory = merged.get("territory")
    if territory is not None and territory not in Locale("en").territories:
        yield f"{path}.territory: “{territory}” is no country (write KZ)"
    for field in ("topic", "hints_of"):
        if field in merged and merged[field] not in topics.known():
            yield f"{path}.{field}: “{merged[field]}” is no topic (one of {', '.join(topics.known())})"
    if not any(merged.get(field) for field in ("terms", "territory", "topic", "hints_of")):
        yield f"{path}.terms: give terms, a topic or a territory"
    yield from _terms(merged.get("terms", {}), f"{path}.terms")


def _label(label: Any, path: str) -> Iterator[str]:
    if not isinstance(label, dict) or not all(isinstance(part, str) for pair in label.items() for part in pair):
        yield f"{path}: must be names by language"


def _terms(terms: Any, path: str) -> Iterator[str]:
    if not isinstance(terms, dict):
        yield f"{path}: must be lists of terms by language"
        return
    for language, each in terms.items():
        if not isinstance(each, list):
            yield f"{path}.{language}: must be a list of terms"
            continue
        for term in each:
            if not isinstance(term, str):
                yield f"{path}.{language}: {term!r} must be text: put it in quotes"
            elif len(term) > TERM_LIMIT:
                yield f"{path}.{language}: “{term[:30]}…” is longer than {TERM_LIMIT} characters"
            else:
                yield from _term(term, f"{path}.{language}")


def _term(term: str, path: str) -> Iterator[str]:
    parts = term.replace("...", GAP).split(GAP)
    if not all(words(part) for part in parts):
        yield f"{path}: “{term}” holds nothing to look for, or begins or ends with {GAP}"
    if len(parts) - 1 > GAPS:
        yield f"{path}: “{term}” has more than {GAPS} gaps"
