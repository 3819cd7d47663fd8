import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.matching import story_evaluation
from tracker.matching.evaluation import LabelledFileError


class Command(BaseCommand):
    help = (
        "Measures the grouping of articles into stories: JSON lines {url, title, text, date, language} and `story` or "
        "`cluster`; two articles belong together if one of these is the same. Counted are pairs of articles."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="articles with their stories, one JSON object a line")
        parser.add_argument("--json", action="store_true", help="print every figure as JSON")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            told = story_evaluation.read(file.read_text(encoding="utf-8").split("\n"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {file}: {getattr(error, 'strerror', None) or error}.") from error
        except LabelledFileError as error:
            for problem in error.problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(error.problems)} problems. Nothing was measured.") from error
        figures = {
            "all pairs": story_evaluation.measured(told),
            "pairs within a language": story_evaluation.measured(told, within_languages=True),
        }
        if options["json"]:
            rows = {
                name.replace(" ", "_"): asdict(of) | {"precision": of.precision, "recall": of.recall}
                for name, of in figures.items()
            }
            self.stdout.write(json.dumps({"articles": len(told), **rows}, indent=2))
            return
        self.stdout.write(f"{len(told)} dated articles.\n\n")
        self.stdout.write(f"{'':<26}{'together':>10}{'rightly':>10}{'belong':>10}{'precision':>11}{'recall':>9}")
        for name, of in figures.items():
            counts = f"{of.grouped:>10}{of.both:>10}{of.right:>10}"
            self.stdout.write(f"{name:<26}{counts}{_number(of.precision):>11}{_number(of.recall):>9}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
