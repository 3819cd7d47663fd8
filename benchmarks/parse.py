"""How far the parser agrees with documents that say themselves what should be read in them.

    python benchmarks/parse.py FOLDER [--show N]

FOLDER holds documents in the manner of feedparser's own test files: a comment at the top gives a Python expression
under `Expect:`, and perhaps the headers of the answer under `Header:`. Its source distribution has 2,097 of them. What
the expression says of an entry's id, link, title, summary, content, published and author is compared; the rest is not
ours. Texts are compared as text, because we keep no markup, and dates as moments.

Limits: no exception; no document above one second or 200 MB; agreement of 97 % at least.
"""

import argparse
import ast
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from tracker.feeds.encodings import to_utf8
from tracker.feeds.entry_dates import read_date
from tracker.feeds.parser import ParsedEntry, ParseError, parse
from tracker.feeds.plain_text import plain

NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "http://127.0.0.1:8097/feed.xml"
EXPECT = re.compile(r"Expect:\s*(.+?)\s*-->", re.DOTALL)
HEADER = re.compile(r"^\s*Header:\s*([^:\s]+):\s*(.*?)\s*$", re.MULTILINE)
SAME = {
    "description": "summary",
    "guid": "id",
    "created": "published",
    "issued": "published",
    "modified": "published",
    "updated": "published",
    "date": "published",
}
OURS = ("id", "link", "title", "summary", "content", "published", "author")
AGREEMENT = 0.97
SECONDS = 1.0
MEGABYTES = 200


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--show", type=int, default=20, metavar="N", help="disagreements to print")
    options = asked.parse_args()
    counted: Counter[str] = Counter()
    disagreements, slowest = [], (0.0, "")
    for path in sorted(options.folder.rglob("*")):
        if path.suffix not in (".xml", ".json", ".rss", ".atom", ".rdf") or not path.is_file():
            continue
        counted["documents"] += 1
        body = path.read_bytes()
        comment = to_utf8(body[:20_000]).decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in HEADER.findall(comment)}
        begun = time.perf_counter()
        try:
            url = headers.get("content-location", URL)
            feed = parse(body, content_type=headers.get("content-type", ""), url=url, now=NOW)
            entries: tuple[ParsedEntry, ...] = feed.entries
            _ = [(entry.title, entry.summary, entry.content, entry.author) for entry in entries]
        except ParseError:
            counted["called no feed"] += 1
            entries = ()
        except Exception as error:
            counted["exceptions"] += 1
            print(f"{path}: {error!r}")
            continue
        slowest = max(slowest, (time.perf_counter() - begun, path.name))
        for position, name, expected in expectations(comment):
            counted["expectations"] += 1
            found = value(entries[position], name) if position < len(entries) else None
            if agrees(found, name, expected, url):
                counted["agreed"] += 1
            else:
                counted[f"disagreed on {name}"] += 1
                disagreements.append(f"{path.relative_to(options.folder)}: {name} {expected!r}, we say {found!r}")
    print("\n".join(disagreements[: options.show]))
    return report(counted, slowest)


def report(counted: Counter[str], slowest: tuple[float, str]) -> int:
    share = counted["agreed"] / max(1, counted["expectations"])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n".join(f"{number:>7} {name}" for name, number in counted.items()))
    print(
        f"agreement {share:.2%} (limit {AGREEMENT:.0%}); slowest {slowest[0]:.3f} s, {slowest[1]}; peak {memory:.0f} MB"
    )
    is_good = share >= AGREEMENT and not counted["exceptions"] and slowest[0] <= SECONDS and memory <= MEGABYTES
    return 0 if is_good else 1


def expectations(comment: str) -> Iterator[tuple[int, str, Any]]:
    """(entry, field, value) of every comparison with a value in the expression."""
    found = EXPECT.search(comment)
    if not found:
        return
    try:
        tree = ast.parse(found[1].strip(), mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            place = path_of(node.left)
            if len(place) < 3 or place[0] != "entries" or not isinstance(place[1], int):
                continue
            try:
                expected = ast.literal_eval(node.comparators[0])
            except ValueError:
                continue
            name = str(place[2]).removesuffix("_parsed")
            is_content = name == "content" and place[3:] in ([0, "value"], [1, "value"])
            name = {"summary_detail": "summary", "title_detail": "title"}.get(name, name)
            is_value = place[3:] == ["value"] and str(place[2]).endswith("_detail")
            name = SAME.get(name, name)
            if name in OURS and (is_content or is_value or len(place) == 3):
                yield place[1], name, expected


def path_of(node: ast.AST) -> list[Any]:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return [*path_of(node.value), node.slice.value]
    if isinstance(node, ast.Attribute):
        return [*path_of(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def value(entry: ParsedEntry, name: str) -> Any:
    if name == "published":
        return entry.published_at
    return {"id": entry.guid, "link": entry.url}.get(name) if name in ("id", "link") else getattr(entry, name)


def agrees(found: Any, name: str, expected: Any, url: str) -> bool:
    if name == "published":
        moment = datetime(*expected[:6], tzinfo=UTC) if isinstance(expected, tuple) else read_date(expected, now=NOW)
        return bool(found == moment)
    if name in ("id", "link"):
        return bool(found == expected)
    return same_text(found or "", expected)


def same_text(found: str, expected: Any) -> bool:
    """Whether both read the same; an expectation that is no markup is also tried as it stands."""
    wanted = {"".join(text.split()) for text in (plain(str(expected), 20_000), str(expected))}
    return "".join(found.split()) in wanted


if __name__ == "__main__":
    sys.exit(main())
