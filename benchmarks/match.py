"""Articles matched a second on one core, watched by 22, 220, 2,200 and 22,000 pledges.

The first 22 are the shipped ones; the others are made up: declarations of two countries each, with as many terms of its
own a pledge, by language, as the shipped ones have, and one of the shipped topics. The stream is what feeds bring: one
article in 50 is about a pledge, the others are other news with two countries in them. Beside each figure stand, from
the same run, the physical limit (a bare automaton in C that folds the same text and finds the same terms as they are
written: no inflection, no scores) and the naive way (each rule's terms as one regular expression, rule after rule), as
far as it ends. The last column is how the time of an article grew since the first line.

    python benchmarks/match.py [22 220 …]

Times are processor seconds of this process, the best of a few rounds, so that a busy machine changes little.
"""

import json
import random
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from math import log10
from pathlib import Path
from time import perf_counter, process_time
from unicodedata import normalize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ahocorasick  # noqa: E402
import yaml  # noqa: E402
from babel import Locale  # noqa: E402

from tracker.matching.rules import Rulebook, Source, compile_rules, sources  # noqa: E402
from tracker.matching.scoring import ArticleText, matches  # noqa: E402
from tracker.matching.topics import known  # noqa: E402
from tracker.search.text import fold, words  # noqa: E402

SIZES = (22, 220, 2_200, 22_000)
LANGUAGES = ("en", "fr", "zh", "ru", "kk")
COUNTRIES = [
    *("AE", "AR", "AT", "AU", "AZ", "BE", "BR", "CA", "CH", "CL", "CN", "CO", "CU", "CZ", "DE", "DK", "DZ", "EG", "ES"),
    *("ET", "FI", "FR", "GB", "GE", "GR", "HU", "ID", "IE", "IN", "IQ", "IR", "IT", "JP", "KE", "KG", "KR", "KZ", "LA"),
    *("MA", "MM", "MN", "MX", "MY", "NG", "NL", "NO", "NZ", "PE", "PH", "PK", "PL", "PT", "QA", "RO", "RS", "SA", "SE"),
    *("SG", "TH", "TJ", "TM", "TR", "UA", "US", "UZ", "VN", "ZA"),
]
LETTERS = {
    "zh": "".join(sorted({letter for name in Locale("zh").languages.values() for letter in name})),
    "ru": "абвгдеиклмнопрстуя",
    "kk": "абғгдеқкңлмнопрстұы",
}
PER_LANGUAGE = 150  # articles
ABOUT_ONE_IN = 50
ROUNDS = 5
NAIVE_ENDS = 2_200  # pledges; beyond, the naive way takes minutes and the automaton gigabytes


def shipped() -> list[Source]:
    data = yaml.safe_load((ROOT / "fixtures/china-kazakhstan-2024.yaml").read_text(encoding="utf-8"))
    pledges = {pledge["reference"]: pledge["watch"] for pledge in data["pledges"]}
    return sources(data["declaration"]["watch"], date(2024, 7, 3), pledges)


def stream() -> dict[str, list[ArticleText]]:
    """By language; each headline has a word of its own, so that no article is read twice."""
    chance = random.Random(1)
    lines = (ROOT / "tests/samples/articles.jsonl").read_text(encoding="utf-8").splitlines()
    about = [json.loads(line) for line in lines]
    made = {}
    for language in LANGUAGES:
        own = [(row["title"], row["text"]) for row in about if row["language"] == language]
        other = [
            chance.choice(own) if n % ABOUT_ONE_IN == 0 else elsewhere(language, chance) for n in range(PER_LANGUAGE)
        ]
        made[language] = [
            ArticleText(f"{title} {n}{language}", text, language, date(2026, 1, 1))
            for n, (title, text) in enumerate(other)
        ]
    return made


def elsewhere(language: str, chance: random.Random) -> tuple[str, str]:
    """A headline and a summary of words that CLDR has in the language, two countries among them."""
    locale = Locale.parse(language)
    names = [*locale.currencies.values(), *locale.languages.values(), *locale.months["format"]["wide"].values()]
    between = "" if language == "zh" else " "

    def sentence(length: int) -> str:
        chosen = [locale.territories[chance.choice(COUNTRIES)], *chance.sample(names, length)]
        return between.join(chance.sample(chosen, len(chosen)))

    return sentence(3), f"{sentence(8)}{'。' if language == 'zh' else '. '}"


def invented(count: int, articles: dict[str, list[ArticleText]]) -> Iterator[Source]:
    """One term in 200 is a phrase of the stream, so that rules are touched as they are in use."""
    chance = random.Random(count)
    counts, names = terms_by_language(), known()

    def term(language: str) -> str:
        if chance.random() < 0.005:
            return phrase_of(chance.choice(articles[language]).text, chance, 3 if language == "zh" else 2)
        letters = LETTERS.get(language, "abcdefghilmnoprstuv")
        size, count = ((3, 6), 1) if language == "zh" else ((4, 9), chance.randint(1, 2))
        return " ".join("".join(chance.choices(letters, k=chance.randint(*size))) for _ in range(count))

    def subject() -> dict:
        terms = {language: [term(language) for _ in range(number)] for language, number in counts.items()}
        return {"role": "what", "weight": 0.5, "terms": terms}

    for n in range(count):
        if n % 22 == 0:
            parties = chance.sample(COUNTRIES, 2)
            shared = {name: {"role": "who", "territory": name, "weight": 0.15} for name in parties}
        watch = {
            "needs": [*parties, "subject"],
            "concepts": {
                "subject": subject(),
                "theme": {"role": "what", "weight": 0.2, "topic": chance.choice(names)},
            },
        }
        yield Source(f"X-{n:05d}", watch, shared, date(2024, 7, 3))


def terms_by_language() -> dict[str, int]:
    """How many terms of its own a shipped pledge has on average, besides those of the topics that it names."""
    of = shipped()
    concepts = [concept for source in of for concept in source.watch["concepts"].values()]
    return {
        language: round(sum(len(each.get("terms", {}).get(language, ())) for each in concepts) / len(of))
        for language in LANGUAGES
    }


def phrase_of(text: str, chance: random.Random, length: int) -> str:
    """Some words that stand together in the text."""
    found = words(text)
    start = chance.randrange(len(found) - length)
    return text[found[start][1] : found[start + length - 1][2]]


def literals(book: Rulebook, language: str) -> Iterator[tuple[int, str]]:
    """Every term as it is written, with the number of its rule."""
    for number, rule in enumerate(book.rules):
        for concept in rule.concepts.values():
            for term in concept.vocabulary.words(language):
                for piece in re.split(r"\.\.\.|…|\*", term):
                    if piece.strip():
                        yield number, fold(piece.strip())


def folded(text: str, language: str) -> str:
    """Case, width and traditional characters make no difference: the least without which no scan finds the terms."""
    return fold.__wrapped__(text) if language == "zh" else normalize("NFKC", text).casefold()


def bare_automaton(book: Rulebook, language: str) -> Callable[[ArticleText], object]:
    automaton = ahocorasick.Automaton()
    for number, literal in literals(book, language):
        automaton.add_word(literal, number)
    automaton.make_automaton()
    return lambda article: list(automaton.iter(folded(f"{article.title} {article.text}", language)))


def rule_by_rule(book: Rulebook, language: str) -> Callable[[ArticleText], object]:
    by_rule: dict[int, list[str]] = {}
    for number, literal in literals(book, language):
        by_rule.setdefault(number, []).append(re.escape(literal))
    start, end = ("", "") if language == "zh" else (r"\b(?:", r")\w*")
    patterns = [re.compile(f"{start}{'|'.join(each)}{end}") for each in by_rule.values()]

    def work(article: ArticleText) -> object:
        text = folded(f"{article.title} {article.text}", language)
        return [each.findall(text) for each in patterns]

    return work


def seconds(works: list[Callable[[ArticleText], object]], articles: list[ArticleText]) -> list[float]:
    """Processor seconds an article, of each way the best round; they take turns, so that a busy machine is fair."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for number, work in enumerate(works):
            start = process_time()
            for article in articles:
                work(article)
            best[number] = min(best[number], (process_time() - start) / len(articles))
    return best


def measured(book: Rulebook, articles: dict[str, list[ArticleText]]) -> dict[str, float]:
    """Seconds an article, on average over the languages, which share nothing: one is measured after the other."""
    total = dict.fromkeys(("compiling", "matching", "limit", "naive"), 0.0)
    for language, own in articles.items():
        start = perf_counter()
        book.lexicon(language)
        total["compiling"] += perf_counter() - start
        works: list[Callable[[ArticleText], object]] = [lambda article: matches(article, book)]
        if len(book.rules) <= NAIVE_ENDS:
            works.append(bare_automaton(book, language))
            (naive,) = seconds([rule_by_rule(book, language)], own[:: len(book.rules) // 22])
            total["naive"] += naive / len(articles)
        for name, took in zip(("matching", "limit"), seconds(works, own), strict=False):
            total[name] += took / len(articles)
        book.forget()
    return total


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    articles = stream()
    letters = [len(article.title) + len(article.text) for own in articles.values() for article in own]
    average = sum(letters) / len(letters)
    print(f"{len(letters)} articles of {average:.0f} characters on average, in five languages, one core")
    terms = terms_by_language()
    print(f"{sum(terms.values())} terms of its own a pledge, in {', '.join(terms)}, and a topic\n")
    titles = ("pledges", "articles/s", "limit", "of it", "naive", "times", "compiled", "growth")
    print("{:>8}{:>12}{:>10}{:>7}{:>8}{:>7}{:>10}{:>8}".format(*titles))
    first: tuple[int, float] | None = None
    for size in sizes:
        book = compile_rules([*shipped(), *invented(size - 22, articles)][:size])
        took = measured(book, articles)
        each, growth = took["matching"], ""
        if first:
            growth = f"n^{log10(each / first[1]) / log10(size / first[0]):.2f}"
        limit = f"{1 / took['limit']:>10,.0f}{took['limit'] / each:>7.0%}" if took["limit"] else f"{'–':>10}{'–':>7}"
        naive = f"{1 / took['naive']:>8,.0f}{took['naive'] / each:>7.0f}" if took["naive"] else f"{'–':>8}{'–':>7}"
        print(f"{size:>8,}{1 / each:>12,.0f}{limit}{naive}{took['compiling']:>8.1f} s{growth:>8}", flush=True)
        first = first or (size, each)


if __name__ == "__main__":
    main()
