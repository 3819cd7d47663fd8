"""Articles matched a second on one core, with the shipped rules and with 1,000 synthetic ones.

Beside each figure stand its physical limits, measured in the same run on the same articles: cutting the text into
words and folding them (no matching at all), and walking the trie alone (no scoring).

    python benchmarks/matching.py
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402

from tracker.matching.rules import Rulebook, compile_rules, sources  # noqa: E402
from tracker.matching.scoring import ArticleText, matches  # noqa: E402
from tracker.search.text import stem, words  # noqa: E402

SIGNED = date(2024, 7, 3)
LANGUAGES = ("en", "fr", "zh", "ru", "kk")
LETTERS = {
    "zh": "中文经济贸易投资能源铁路矿产科技合作论坛协议",
    "ru": "абвгдеиклмнопрстуя",
    "kk": "абғгдеқкңлмнопрстұы",
}
ROUNDS = 5


def samples() -> list[ArticleText]:
    """Feed summaries in five languages, each headline with a word of its own."""
    lines = (ROOT / "tests/samples/articles.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        ArticleText(f"{row['title']} {n}{row['language']}", row["text"], row["language"], date(2026, 1, 1))
        for n in range(25)
        for row in rows
    ]


def shipped() -> Rulebook:
    data = yaml.safe_load((ROOT / "fixtures/china-kazakhstan-2024.yaml").read_text(encoding="utf-8"))
    pledges = {pledge["reference"]: pledge["watch"] for pledge in data["pledges"]}
    return compile_rules(sources(data["declaration"]["watch"], SIGNED, pledges))


def synthetic(count: int, articles: list[ArticleText]) -> Rulebook:
    """Rules of two subjects with forty terms each in five languages. One term in 200 is a phrase of the articles.

    So an article touches about a dozen of a thousand rules, as news of one country pair does.
    """
    chance = random.Random(1)
    real = {language: [a.text for a in articles if a.language == language] for language in LANGUAGES}

    def term(language: str) -> str:
        if chance.random() < 0.005:
            return phrase_of(chance.choice(real[language]), chance, 3 if language == "zh" else 2)
        letters = LETTERS.get(language, "abcdefghilmnoprstuv")
        made = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(chance.randint(1, 3))]
        return " ".join(made)

    def subject(weight: float) -> dict:
        terms = {language: [term(language) for _ in range(8)] for language in LANGUAGES}
        return {"role": "what", "weight": weight, "terms": terms}

    parties = {
        name: {"role": "who", "territory": code, "weight": 0.15} for name, code in (("one", "CN"), ("two", "KZ"))
    }
    rule = {"needs": ["one", "two", "subject"]}
    pledges = {
        f"S-{n:05d}": {**rule, "concepts": {"subject": subject(0.5), "detail": subject(0.2)}} for n in range(count)
    }
    return compile_rules(sources({"concepts": parties}, SIGNED, pledges))


def phrase_of(text: str, chance: random.Random, length: int) -> str:
    """Some words that stand together in the text."""
    found = words(text)
    start = chance.randrange(len(found) - length)
    return text[found[start][1] : found[start + length - 1][2]]


def per_second(articles: list[ArticleText], work: Callable[[ArticleText], object]) -> float:
    """The best of a few rounds: other work on the machine only ever slows it down."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        for article in articles:
            work(article)
        best = min(best, perf_counter() - start)
    return len(articles) / best


def main() -> None:
    articles = samples()
    letters = sum(len(article.title) + len(article.text) for article in articles) / len(articles)
    print(f"{len(articles)} articles of {letters:.0f} characters on average, in {len(LANGUAGES)} languages, one core\n")
    reading = per_second(
        articles, lambda a: [stem(word, a.language) for part in (a.title, a.text) for word, _, _ in words(part)]
    )
    print(f"{'rules':>7}{'articles/s':>12}{'trie alone':>12}{'words alone':>13}{'of the words':>14}{'compiled in':>13}")
    for book_of in (shipped, lambda: synthetic(1_000, articles)):
        start = perf_counter()
        book = book_of()
        for language in LANGUAGES:
            book.lexicon(language)
        compiled = perf_counter() - start
        walking = per_second(articles, lambda a, book=book: book.lexicon(a.language).find(a.title, a.text))
        matching = per_second(articles, lambda a, book=book: matches(a, book))
        share = matching / reading
        figures = f"{len(book.rules):>7,}{matching:>12,.0f}{walking:>12,.0f}{reading:>13,.0f}{share:>14.0%}"
        print(f"{figures}{compiled:>11.2f} s")


if __name__ == "__main__":
    main()
