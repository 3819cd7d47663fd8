"""What the figures would be on articles that nobody had seen when the rules were made: k-fold cross-validation; pure.

The labelled articles are dealt into folds, all reports of one story into the same. Whatever can be fitted, the curve
and the threshold, is fitted on the other folds and judged on the one left out. And because people write rules with
articles before their eyes, each fold is also judged without the words that only its own articles hold.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from tracker.matching import calibration
from tracker.matching.evaluation import Figures, Labelled, Pair, figures, pairs, reliability
from tracker.matching.lexicon import Lexicon, Vocabulary
from tracker.matching.rules import Rulebook, Source, Word, compile_rules, words_of
from tracker.search.text import language_of

THRESHOLDS = [step / 100 for step in range(20, 81, 5)]


@dataclass(frozen=True)
class CrossValidated:
    """Pooled over the folds. `blinded`: without the words that only the fold's own articles hold."""

    folds: int
    fitted: Figures
    blinded: Figures
    words_left_out: int
    curves: list[calibration.Curve]
    pairs: list[Pair]

    def as_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if name != "pairs"}
        return {**told, "reliability": [asdict(each) for each in reliability(self.pairs)]}


def cross_validate(labelled: Sequence[Labelled], of: Sequence[Source], folds: int) -> CrossValidated:
    """Raises ValueError where some folds leave nothing right, or nothing wrong, to learn from."""
    dealt = deal(labelled, folds)
    found = words_found(labelled, of)
    book, curves, left_out = compile_rules(of), [], 0
    fitted: list[Pair] = []
    blinded: list[Pair] = []
    for held in dealt:
        others = [index for fold in dealt if fold is not held for index in fold]
        curve, threshold = fit_on(labelled, others, book)
        curves.append(curve)
        fitted += _judged(labelled, held, book, curve, threshold)
        only_here = _found_by(found, held) - _found_by(found, others)
        left_out += len(only_here)
        blind = compile_rules(of, without=frozenset(only_here))
        blinded += _judged(labelled, held, blind, curve, threshold)
    return CrossValidated(folds, figures(fitted), figures(blinded), left_out, curves, fitted)


def deal(labelled: Sequence[Labelled], folds: int) -> list[list[int]]:
    """The articles' places, by fold; whole stories, the largest first, each to the fold that has the least yet."""
    stories: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(labelled):
        stories[item.story or f"{index}"].append(index)
    dealt: list[list[int]] = [[] for _ in range(folds)]
    for story in sorted(stories, key=lambda name: (-len(stories[name]), sha256(name.encode()).hexdigest())):
        min(dealt, key=len).extend(stories[story])
    return dealt


def fit_on(labelled: Sequence[Labelled], places: list[int], book: Rulebook) -> tuple[calibration.Curve, float]:
    """The curve, and the threshold with the best F1."""
    seen = list(pairs([labelled[index] for index in places], book, with_dates=True))
    curve = calibration.fit((pair.weight, pair.is_right) for pair in seen if pair.weight > 0)
    scored = [(float(curve.at(pair.weight)) if pair.weight > 0 else 0.0, pair.is_right) for pair in seen]
    return curve, max(THRESHOLDS, key=lambda threshold: _f1(scored, threshold))


def _f1(scored: list[tuple[float, bool]], threshold: float) -> float:
    suggested = [is_right for score, is_right in scored if score >= threshold]
    return 2 * sum(suggested) / (len(suggested) + sum(is_right for _, is_right in scored))


def _judged(
    labelled: Sequence[Labelled], held: list[int], book: Rulebook, curve: calibration.Curve, threshold: float
) -> Iterator[Pair]:
    items = [labelled[index] for index in held]
    return pairs(items, book, with_dates=True, curve=curve, threshold=threshold)


def words_found(labelled: Sequence[Labelled], of: Sequence[Source]) -> list[set[Word]]:
    """Which of the rules' words each article holds."""
    every = {word: Vocabulary(((word[0], (word[1],)),)) for word in words_of(of)}
    named = {vocabulary: word for word, vocabulary in every.items()}
    lexicons: dict[str, Lexicon] = {}
    found = []
    for item in labelled:
        language = language_of(item.article.language, item.article.title)
        if language not in lexicons:
            lexicons[language] = Lexicon(every.values(), language)
        hits = lexicons[language].find(item.article.title, item.article.text)
        found.append({named[vocabulary] for vocabularies, _hit in hits for vocabulary in vocabularies})
    return found


def _found_by(found: list[set[Word]], places: list[int]) -> set[Word]:
    return set().union(*(found[index] for index in places))
