"""Rows → what a declaration file says of them: made, changed or kept, each difference told and on record."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models
from django.db.models import Q

from tracker.pledges import editing
from tracker.pledges.changes import GONE, Change, difference
from tracker.pledges.edit_values import DERIVED_FROM, plain
from tracker.pledges.models import Declaration, Edit, Evidence, Metric, Milestone, Pledge, Revised

Fields = dict[str, Any]
Wanted = tuple[Fields, Fields]  # what a new row is given besides; what every row is brought to
BATCH = 1000
THEIRS = "people changed it"
STEPS = (Pledge, Metric, Milestone, Evidence)  # tables whose new rows count as progress


class Bringing:
    """The clock and the differences so far.

    Every row has a name by which the file, the database and the report speak of it, such as
    `CN-KZ-2024-11, milestone opening`.
    """

    def __init__(self, reference: str, now: datetime, progress: Callable[[int], object]) -> None:
        self.now, self.progress = now, progress
        # The first load stands for what was on record all along; what a later one adds came then.
        self.is_reload = Declaration.objects.filter(reference=reference).exists()
        self.theirs = _changed_by_people(reference)
        self.changes: list[Change] = []
        self.edits: list[Edit] = []

    def bring(self, model: type[models.Model], known: dict[str, Any], wanted: dict[str, Wanted]) -> dict[str, Any]:
        """The rows by name, made or brought to the wanted values."""
        fresh = {name: model(**owner, **values) for name, (owner, values) in wanted.items() if name not in known}
        self.changes += [Change("added", name) for name in fresh]
        for name, row in known.items():
            if name not in wanted:
                self.changes.append(Change("kept", name, GONE))
                continue
            values = wanted[name][1]
            different = {field: new for field, new in values.items() if getattr(row, field) != new}
            self.bring_row(row, name, self.but_theirs(row, name, different))
        for rows in batched(fresh.values(), BATCH):
            model._default_manager.bulk_create(rows)
            if model in STEPS:
                self.progress(len(rows))
            if self.is_reload and issubclass(model, Revised):
                self.edits += [editing.entry(row, "", None, None, 0, None, self.now) for row in rows]
        return {**known, **fresh}

    def but_theirs(self, row: Any, name: str, different: Fields) -> Fields:
        """Without the fields that people changed in the app, which are said to be kept."""
        theirs = self.theirs.get((row._meta.model_name, row.pk), set())
        kept = {field for field in different if "" in theirs or DERIVED_FROM.get(field, field) in theirs}
        self.changes += [
            Change("kept", f"{name}, {field}", THEIRS) for field in different if field in kept - {*DERIVED_FROM}
        ]
        return {field: new for field, new in different.items() if field not in kept}

    def bring_row(self, row: Any, name: str, values: Fields) -> None:
        """One row to its new values, each difference told and on record."""
        if not values:
            return
        for field, new in values.items():
            old = getattr(row, field)
            self.changes.append(Change("changed", f"{name}, {field}", difference(old, new)))
            if field not in DERIVED_FROM:
                self.note(row, field, plain(old), plain(new))
            setattr(row, field, new)
        if isinstance(row, Revised):
            self.revise(row, values)
        else:
            row.save(update_fields=list(values))

    def note(self, row: Any, field: str, old: object, new: object) -> None:
        revision = row.revision + 1 if isinstance(row, Revised) else 0
        self.edits.append(editing.entry(row, field, old, new, revision, None, self.now))

    def revise(self, row: Any, values: Fields) -> None:
        rows: Any = type(row)._default_manager.filter(pk=row.pk, revision=row.revision)
        row.revision += 1
        if not rows.update(revision=row.revision, **values):
            raise editing.EditConflictError([])

    def bring_parties(self, row: Any, before: Iterable[str], after: Iterable[str]) -> bool:
        """Tells and notes a difference; whether the row is to get the new ones."""
        old, new = sorted(before), sorted(after)
        if old == new or not self.but_theirs(row, row.reference, {"parties": new}):
            return False
        self.changes.append(Change("changed", f"{row.reference}, parties", f"{', '.join(old)} → {', '.join(new)}"))
        self.note(row, "parties", old, new)
        self.revise(row, {})
        return True


def _changed_by_people(reference: str) -> dict[tuple[str, int], set[str]]:
    """The fields of each record that people changed in the app; an empty one where they added the record."""
    theirs: dict[tuple[str, int], set[str]] = {}
    edits = Edit.objects.by_people().filter(Q(declaration__reference=reference) | Q(declaration=None))
    for record, pk, field in edits.values_list("record", "record_id", "field"):
        theirs.setdefault((record, pk), set()).add(field)
    return theirs
