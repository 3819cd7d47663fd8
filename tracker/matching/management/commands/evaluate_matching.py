import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.matching import cross_validation, evaluation
from tracker.matching.drafting import Party
from tracker.matching.drafts import drafted as draft_from
from tracker.matching.drafts import signing
from tracker.matching.rules import RuleError, Source, compile_rules, sources
from tracker.matching.scoring import THRESHOLD
from tracker.matching.watching import rule_sources
from tracker.pledges.declaration_file import DeclarationFileError, parse

COLUMNS = ("average_precision", "precision", "recall", "f1")


class Command(BaseCommand):
    help = (
        "Measures the watch rules on labelled articles: JSON lines {title, text, date, language, labels: [{id}]}; "
        "a label is a pledge's number (P11) or reference. Equal scores count against us, unscored pairs as 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="labelled articles, one JSON object a line")
        parser.add_argument("--declaration", type=Path, help="take the rules from this file, not from the database")
        parser.add_argument("--drafted", action="store_true", help="measure the drafts that pledges without a rule get")
        parser.add_argument("--folds", type=int, metavar="K", help="cross-validate as well, whole stories in K folds")
        parser.add_argument("--json", action="store_true", help="print every figure as JSON")

    def handle(self, *args: Any, file: Path, declaration: Path | None, **options: Any) -> None:
        drafted = options["drafted"]
        read = _sources_of_file(declaration, drafted=drafted) if declaration else rule_sources(drafted=drafted)
        if not read:
            raise CommandError("No pledge has a watch rule. Load a declaration first, or name one with --declaration.")
        references = {int(source.key.rpartition("-")[2]): source.key for source in read}
        try:
            book = compile_rules(read)
            labelled = evaluation.read(_text(file).split("\n"), references)
        except (RuleError, evaluation.LabelledFileError) as error:
            for problem in error.problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(error.problems)} problems. Nothing was measured.") from error
        folds = options["folds"]
        crossed = self._cross_validated(labelled, read, folds) if folds is not None else None
        dated = evaluation.report(labelled, book)
        undated = evaluation.report(labelled, book, with_dates=False)
        if options["json"]:
            figures = {"threshold": float(THRESHOLD), "with_dates": dated.as_dict(), "without_dates": undated.as_dict()}
            if crossed:
                figures["cross_validated"] = crossed.as_dict()
            self.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False))
            return
        self._print(dated, undated)
        self._reliability("Reliability", dated.reliability)
        if crossed:
            self._print_crossed(crossed)

    def _cross_validated(
        self, labelled: list[evaluation.Labelled], read: list[Source], folds: int
    ) -> cross_validation.CrossValidated:
        if not 2 <= folds <= len(labelled):
            raise CommandError(f"{folds} folds make no sense of {len(labelled)} articles.")
        try:
            return cross_validation.cross_validate(labelled, read, folds)
        except ValueError as error:
            raise CommandError(f"Cannot cross-validate: some of the folds {error}.") from error

    def _print_crossed(self, crossed: cross_validation.CrossValidated) -> None:
        self.stdout.write(f"\nCross-validated in {crossed.folds} folds, whole stories together:")
        self._figures("curve, threshold fitted", crossed.fitted)
        self._figures("and words unseen", crossed.blinded)
        self.stdout.write(f"({crossed.words_left_out} words that only one fold holds were left out of it.)")
        self._reliability("Reliability, cross-validated", evaluation.reliability(crossed.pairs))

    def _reliability(self, name: str, bins: list[evaluation.Bin]) -> None:
        self.stdout.write(f"\n{name}:")
        self._row("  score", "pairs", "said", "right")
        for each in bins:
            self._row(f"  from {each.low:.1f}", str(each.pairs), _number(each.said), _number(each.right))

    def _print(self, dated: evaluation.Report, undated: evaluation.Report) -> None:
        watched = len(dated.by_pledge)
        self.stdout.write(f"{dated.articles} articles, {watched} watched pledges, {dated.micro.right} right pairs.")
        self.stdout.write(f"Suggested from a score of {THRESHOLD}. Equal scores count against us.\n\n")
        self._row("", "right", "AP", "precision", "recall", "F1")
        self._figures("with the date gate", dated.micro)
        self._figures("without it", undated.micro)
        self._row("mean over pledges", "", _number(dated.macro_average_precision))
        for name, groups in (("language", dated.by_language), ("pledge", dated.by_pledge)):
            self.stdout.write(f"\nBy {name}, with the date gate:")
            for key, figures in groups.items():
                self._figures(f"  {key}", figures)

    def _figures(self, name: str, figures: evaluation.Figures) -> None:
        self._row(name, str(figures.right), *(_number(getattr(figures, column)) for column in COLUMNS))

    def _row(self, name: str, *cells: str) -> None:
        self.stdout.write(f"{name:<22}" + "".join(f"{cell:>11}" for cell in cells))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CommandError(f"Cannot read {file}: {getattr(error, 'strerror', None) or error}.") from error


def _sources_of_file(file: Path, *, drafted: bool) -> list[Source]:
    schema = json.loads((settings.BASE_DIR / "fixtures/declaration.schema.json").read_text(encoding="utf-8"))
    try:
        data = parse(_text(file).encode(), schema).data
    except DeclarationFileError as error:
        told = (f"{file}:{each.line}: {each.field or 'file'}: {each.message}" for each in error.problems)
        raise CommandError("\n".join(told)) from error
    declared = data["declaration"]
    drafts = _drafts(data)
    pledges = {
        reference: draft if drafted else pledge.get("watch") or draft
        for pledge, (reference, draft) in zip(data["pledges"], drafts.items(), strict=True)
    }
    shared = {} if drafted else declared.get("watch", {})
    return sources(shared, date.fromisoformat(declared["signed_on"]), pledges)


def _drafts(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The draft of each pledge of a declaration file, whether it is in use or not."""
    declared = data["declaration"]
    themes = {theme["slug"]: theme["title"] for theme in data["themes"]}
    parties = tuple(
        Party(each["code"], each.get("territory", ""), tuple(each.get("name", {}).items())) for each in data["parties"]
    )
    signed = signing(declared.get("place", {}), declared.get("signatories", []))
    return {
        pledge["reference"]: draft_from(
            title=pledge["title"],
            statement=pledge["statement"],
            theme=themes[pledge["theme"]],
            parties=parties,
            signing=signed,
        )
        for pledge in data["pledges"]
    }
