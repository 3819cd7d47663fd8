"""What to look for, per pledge: the `watch` parts of a declaration, checked and compiled; pure.

docs/watch-rules.md tells how to write one.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from babel import Locale

from tracker.matching import rule_checks, topics
from tracker.matching.learning import Learned
from tracker.matching.lexicon import Lexicon, Vocabulary

DEFAULT_WITHIN = 8
_LABELLED = ("fr",)  # languages besides English that readers have the pages in

type Required = tuple[tuple[Vocabulary, ...], ...]


class RuleError(ValueError):
    """The rules cannot be used; `problems` says everything that is wrong, each with its path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Concept:
    """One thing to look for. A negative weight speaks against. `label`: its name for readers, by language."""

    name: str
    role: str
    weight: Decimal
    vocabulary: Vocabulary
    near: str = ""
    within: int = DEFAULT_WITHIN
    label: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rule:
    """What an article about one pledge looks like. `needs`: of each group at least one concept must be found."""

    key: Any
    since: date | None
    needs: tuple[tuple[str, ...], ...]
    concepts: dict[str, Concept]
    excludes: Vocabulary
    learned: Learned | None = None

    @property
    def required(self) -> Required:
        """Of each group at least one must be found somewhere."""
        return tuple(tuple(self.concepts[name].vocabulary for name in group) for group in self.needs)


@dataclass(frozen=True)
class Source:
    """A pledge's `watch`, with the concepts of its declaration; `since` is the day of signing."""

    key: Any
    watch: dict[str, Any]
    shared: dict[str, Any]
    since: date | None
    path: str = "watch"
    learned: Learned | None = None  # what editors' decisions say of it


def sources(watch: dict[str, Any], signed_on: date, pledges: dict[Any, dict[str, Any]]) -> list[Source]:
    """The rules of one declaration; a pledge without `watch`, or with one that is off, is not watched."""
    default = {"since": watch["since"]} if watch.get("since") else {}
    return [
        Source(key, {**default, **own}, watch.get("concepts", {}), signed_on, path=f"{key}.watch")
        for key, own in pledges.items()
        if own and not own.get("off")
    ]


@dataclass
class Rulebook:
    """Every rule, ready for one walk over an article in any language."""

    rules: tuple[Rule, ...]
    _by_language: dict[str, Lexicon] = field(default_factory=dict)
    _by_rarest: dict[Vocabulary, list[tuple[Rule, Required]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Each rule is looked up by the needed group that the fewest rules need: its subject, or a rare party."""
        uses = Counter(each for rule in self.rules for group in rule.required for each in group)
        for rule in self.rules:
            *others, rarest = sorted(rule.required, key=lambda group: -sum(uses[each] for each in group))
            for each in rarest:
                self._by_rarest.setdefault(each, []).append((rule, tuple(others)))

    def lexicon(self, language: str) -> Lexicon:
        if language not in self._by_language:
            self._by_language[language] = Lexicon(dict.fromkeys(self._vocabularies()), language)
        return self._by_language[language]

    def forget(self) -> None:
        """What was made ready for each language; it is made again when it is needed."""
        self._by_language.clear()

    def candidates(self, found: Collection[Vocabulary]) -> list[Rule]:
        """The rules of which every needed group was found."""
        fitting = {
            id(rule): rule
            for each in found
            for rule, others in self._by_rarest.get(each, ())
            if all(any(one in found for one in group) for group in others)
        }
        return list(fitting.values())

    def _vocabularies(self) -> Iterator[Vocabulary]:
        for rule in self.rules:
            yield from (concept.vocabulary for concept in rule.concepts.values())
            if rule.excludes.terms:
                yield rule.excludes


def fingerprint(of: Iterable[Source]) -> str:
    """The same for the same rules, whatever process reads them."""
    content = [(str(source.key), source.watch, source.shared, str(source.since), repr(source.learned)) for source in of]
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def problems(source: Source) -> list[str]:
    """Everything wrong with one rule, in words with its path."""
    return list(rule_checks.problems(source.watch, source.shared, source.path))


type Word = tuple[str, str]  # language, term


def words_of(of: Iterable[Source]) -> set[Word]:
    """Every term that the rules look for; the names of countries are no terms."""
    bodies = (body for source in of for body in _bodies(source).values())
    return {(language, term) for body in bodies for language, terms in _terms(body).items() for term in terms}


def compile_rules(of: Iterable[Source], *, without: frozenset[Word] = frozenset()) -> Rulebook:
    """Raises RuleError with every problem of every rule. `without`: words that shall not be looked for."""
    of = list(of)
    if wrong := [problem for source in of for problem in problems(source)]:
        raise RuleError(wrong)
    vocabularies: dict[str, Vocabulary] = {}
    return Rulebook(tuple(_rule(source, vocabularies, without) for source in of))


def _rule(source: Source, vocabularies: dict[str, Vocabulary], without: frozenset[Word]) -> Rule:
    def vocabulary(terms: dict[str, list[str]], territory: str = "") -> Vocabulary:
        """One object for the same words, however many rules look for them."""
        if without:
            terms = {own: [term for term in each if (own, term) not in without] for own, each in terms.items()}
        content = json.dumps([territory, terms], sort_keys=True)
        made = Vocabulary(tuple((language, tuple(each)) for language, each in terms.items()), territory)
        return vocabularies.setdefault(content, made)

    bodies = _bodies(source)
    concepts = {
        name: Concept(
            name=name,
            role=body["role"],
            weight=Decimal(str(body.get("weight", 0))),
            vocabulary=vocabulary(_terms(body), body.get("territory", "")),
            near=body.get("near", ""),
            within=body.get("within", DEFAULT_WITHIN),
            label=tuple(_label(body).items()),
        )
        for name, body in bodies.items()
    }
    since = source.watch.get("since")
    return Rule(
        key=source.key,
        since=date.fromisoformat(since) if since else source.since,
        needs=tuple(_group(need) for need in source.watch["needs"]),
        concepts=concepts,
        excludes=vocabulary(source.watch.get("excludes", {})),
        learned=source.learned,
    )


def _bodies(source: Source) -> dict[str, dict[str, Any]]:
    """The concepts of the rule by name, shared ones filled in; one that only others stand near to weighs nothing."""
    own = source.watch.get("concepts", {})
    counted = dict.fromkeys([*(name for need in source.watch["needs"] for name in _group(need)), *own])
    bodies = {name: {**source.shared.get(name, {}), **own.get(name, {})} for name in counted}
    for body in list(bodies.values()):
        if (near := body.get("near")) and near not in bodies:
            bodies[near] = {**source.shared.get(near, {}), "weight": 0}
    return bodies


def _terms(body: dict[str, Any]) -> dict[str, list[str]]:
    """The concept's own terms and those of the topic that it names."""
    shipped = [
        get(body[field]) for field, get in (("topic", topics.names), ("hints_of", topics.hints)) if field in body
    ]
    return topics.joined(*shipped, body.get("terms", {}))


def _label(body: dict[str, Any]) -> dict[str, str]:
    """Its own, or its topic's; English readers see the name that it goes by in the rule."""
    if "topic" in body:
        shipped = topics.label(body["topic"])
    elif "hints_of" in body:
        shipped = topics.hint_label(body["hints_of"])
    else:
        shipped = {language: Locale(language).territories.get(body.get("territory"), "") for language in _LABELLED}
    named = {language: name for language, name in shipped.items() if language in _LABELLED and name}
    return {**named, **body.get("label", {})}


def _group(need: str | list[str]) -> tuple[str, ...]:
    return (need,) if isinstance(need, str) else tuple(need)
