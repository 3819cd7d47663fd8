"""How long a large declaration takes to load, next to a bare bulk insert of the same rows in the same run.

    python benchmarks/load.py [--pledges 10000] [--runs 3]

"Ours" is the product's own path: the file is read, checked, compared with the record and brought to it in one
transaction, judgements with their rules and history included. "The limit" inserts the very rows that came of it into
an empty database of the same shape, with Django's bulk_create and nothing else. Each runs on a fresh SQLite database.
The promise is a ratio of at most 4.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LIMIT = 4
HEAD = """format: 1
declaration:
  reference: BIG-2025
  slug: big-2025
  title: {en: Big declaration, fr: Grande déclaration}
  signed_on: 2025-01-02
  sources:
    - {key: text, title: {en: The text}, publisher: Courier}
parties:
  - {code: CHN, territory: CN}
  - {code: KAZ, territory: KZ}
themes:
"""
PLEDGE = """  - reference: BIG-2025-{n:02d}
    slug: pledge-{n}
    title:
      en: Build bridge {n} over the river
      fr: Construire le pont {n} sur la rivière
    statement:
      en: >
        The parties will build bridge {n} over the river and open it to traffic, with two lanes in each direction and
        a railway track between them.
      fr: >
        Les parties construiront le pont {n} sur la rivière et l’ouvriront à la circulation, avec deux voies dans
        chaque sens et une voie ferrée au milieu.
    criterion:
      en: Traffic crosses the bridge.
    kind: time_bound
    theme: theme-{theme}
    parties: [CHN, KAZ]
    source:
      key: text
      locator:
        en: Paragraph {n}
    due:
      words:
        en: by the end of {year}
      edtf: {year}
    milestones:
      - key: design
        title:
          en: The design is agreed
        date: 2026-{month:02d}
    evidence:
      - key: ground
        url: https://news.example.org/{n}
        title: Ground is broken for bridge {n}
        publisher: Courier
        language: en
        published: 2025-{month:02d}-11
        stance: progress
        kind: action
        voice: party:KAZ
    assessments:
      - status: in_progress
        effective_on: 2025-{month:02d}-11
        rationale:
          en: Ground was broken, the ministry says.
        evidence: [ground]
"""
THEMES = 20


def main() -> None:
    options = arguments()
    if options.step:
        print(*STEPS[options.step](options))
        return
    figures = [one_run(options.pledges) for _ in range(options.runs)]
    reading, loading, again, rows, bare = (statistics.median(column) for column in zip(*figures, strict=True))
    ratio = statistics.median((run[0] + run[1]) / run[4] for run in figures)
    print(f"{options.pledges:,} pledges, {rows:,.0f} rows, median of {options.runs}")
    print(f"  read and check the file   {reading:6.1f} s")
    print(f"  load in one transaction   {loading:6.1f} s")
    print(f"  load again, no difference {again:6.1f} s")
    print(f"  bare bulk insert (limit)  {bare:6.1f} s")
    print(f"  ratio                     {ratio:6.2f}   (at most {LIMIT})")
    sys.exit(ratio > LIMIT)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pledges", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--source", help=argparse.SUPPRESS)
    return parser.parse_args()


def one_run(pledges: int) -> tuple[float, ...]:
    """Both in processes of their own, one right after the other."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours", Path(folder) / "bare"
        loaded = in_process("load", pledges, ours)
        return (*loaded, *in_process("insert", pledges, bare, source=ours))


def in_process(step: str, pledges: int, data: Path, **more: Path) -> tuple[float, ...]:
    data.mkdir()
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "FOLLOWTHROUGH_DATA": str(data), "DATABASE_URL": ""}
    command = [sys.executable, __file__, "--step", step, "--pledges", str(pledges)]
    command += [part for name, value in more.items() for part in (f"--{name}", str(value))]
    environment = {key: value for key, value in (os.environ | settings).items() if value}
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return tuple(map(float, answer.stdout.splitlines()[-1].split()))


def ready() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def load(options: argparse.Namespace) -> tuple[float, float, float, int]:
    """Seconds to read, to load and to load once more; how many rows stand then."""
    ready()
    import json

    from django.utils import timezone

    from tracker.pledges import loading
    from tracker.pledges.declaration_file import parse

    schema = json.loads((ROOT / "fixtures/declaration.schema.json").read_text(encoding="utf-8"))
    raw = document(options.pledges).encode()
    started = time.perf_counter()
    parsed = parse(raw, schema)
    read = time.perf_counter()
    loading.load(parsed, now=timezone.now())
    loaded = time.perf_counter()
    assert loading.load(parsed, now=timezone.now()) == []
    ended = time.perf_counter()
    return read - started, loaded - read, ended - loaded, sum(model.objects.count() for model in models())


def insert(options: argparse.Namespace) -> tuple[float]:
    """Seconds to put the rows of the loaded database into an empty one."""
    ready()
    from django.conf import settings
    from django.db import connections, transaction

    source = settings.DATABASES["default"] | {
        "NAME": Path(options.source) / Path(settings.DATABASES["default"]["NAME"]).name
    }
    connections.databases["source"] = source
    rows = [(model, list(model.objects.using("source").order_by("pk"))) for model in models()]
    for _, each in rows:
        for row in each:
            row._state.db, row._state.adding = "default", True
    started = time.perf_counter()
    with transaction.atomic():
        for model, each in rows:
            model.objects.bulk_create(each)
    return (time.perf_counter() - started,)


def models() -> list:
    """Every table that the file fills, in the order in which rows can stand."""
    from tracker.pledges import models as all_of

    tables = [all_of.Party, all_of.Declaration, all_of.Declaration.parties.through, all_of.Theme, all_of.Document]
    tables += [all_of.Pledge, all_of.Pledge.parties.through, all_of.Milestone, all_of.Evidence]
    return [*tables, all_of.Assessment, all_of.Assessment.evidence.through]


def document(pledges: int) -> str:
    themes = "".join(f"  - {{slug: theme-{n}, title: {{en: Theme {n}}}}}\n" for n in range(THEMES))
    entries = (PLEDGE.format(n=n, theme=n % THEMES, year=2026 + n % 5, month=1 + n % 9) for n in range(1, pledges + 1))
    return HEAD + themes + "pledges:\n" + "".join(entries)


STEPS = {"load": load, "insert": insert}

if __name__ == "__main__":
    main()
