"""Editors change the record: one row at a time, only as they saw it, each changed field on record with who and when."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from tracker.accounts.models import User
from tracker.pledges import file_items, file_rows, indexing
from tracker.pledges.edit_values import Values, plain, with_derived
from tracker.pledges.models import (
    Declaration,
    Document,
    Edit,
    Evidence,
    Lineage,
    Metric,
    Milestone,
    Observation,
    Party,
    Pledge,
    Revised,
    Theme,
)


class EditConflictError(Exception):
    """Someone else changed the record since the form was opened; `edits` are theirs, oldest first."""

    def __init__(self, edits: list[Edit]) -> None:
        super().__init__("the record was changed meanwhile")
        self.edits = edits


class NameTakenError(Exception):
    """Another record bears the name already."""


def current(record: Revised, field: str) -> Any:
    value = getattr(record, field)
    return plain(value.all() if hasattr(value, "all") else value)


@transaction.atomic
def edit(*, record: Revised, expected_revision: int, values: Values, by: User, now: datetime) -> list[Edit]:
    """Brings the record to these values if nobody changed it meanwhile; nothing where nothing differs.

    Raises EditConflictError, NameTakenError.
    """
    rows: Any = type(record)._default_manager
    fresh = rows.get(pk=record.pk)
    different = {field: value for field, value in values.items() if current(fresh, field) != plain(value)}
    if fresh.revision == expected_revision and not different:
        return []
    columns = {field: value for field, value in with_derived(different, type(record)).items() if field != "parties"}
    try:
        with transaction.atomic():
            swapped = rows.filter(pk=record.pk, revision=expected_revision).update(
                revision=F("revision") + 1, **columns
            )
    except IntegrityError as error:
        raise NameTakenError from error
    if not swapped:
        raise EditConflictError(list(Edit.objects.of(record).filter(revision__gt=expected_revision).order_by("id")))
    made = Edit.objects.bulk_create(
        entry(fresh, field, current(fresh, field), plain(value), expected_revision + 1, by, now)
        for field, value in different.items()
    )
    if "parties" in different:
        fresh.parties.set(different["parties"])
    indexing.index_after_change(record, set(different))
    return made


@transaction.atomic
def add(model: type[Revised], *, values: Values, by: User, now: datetime) -> Any:
    """A new record and that it was added. Raises NameTakenError."""
    columns = {field: value for field, value in with_derived(values, model).items() if field != "parties"}
    try:
        with transaction.atomic():
            record: Any = model._default_manager.create(**columns)
    except IntegrityError as error:
        raise NameTakenError from error
    if "parties" in values:
        record.parties.set(values["parties"])
    entry(record, "", None, None, 0, by, now).save()
    indexing.index_after_change(record, set(values))
    return record


def entry(record: Any, field: str, before: Any, after: Any, revision: int, by: User | None, now: datetime) -> Edit:
    """One line of history, not saved yet; without a person, a declaration file was loaded."""
    below = record.metric if isinstance(record, Observation) else record
    pledge = record if isinstance(record, Pledge) else getattr(below, "pledge", None)
    is_top = isinstance(record, Declaration)
    return Edit(
        record=record._meta.model_name,
        record_id=record.pk,
        name=name_of(record),
        declaration_id=record.pk if is_top else getattr(pledge or record, "declaration_id", None),
        pledge=pledge,
        revision=revision,
        field=field,
        before=before,
        after=after,
        by=by,
        at=now,
    )


def name_of(record: Any) -> str:
    """What the report of a load calls it."""
    match record:
        case Party():
            return f"party {record.code}"
        case Theme():
            return f"theme {record.slug}"
        case Document():
            return f"source {record.key}"
        case Milestone():
            return f"{record.pledge.reference}, milestone {record.key}"
        case Metric():
            return file_rows.metric_name(record.pledge, record.key)
        case Evidence():
            return f"{record.pledge.reference}, evidence {file_items.evidence_key(record)}"
        case Observation():
            metric = file_rows.metric_name(record.metric.pledge, record.metric.key)
            return file_rows.observation_name(metric, {"period": record.period_edtf, "series": record.series})
        case Lineage():
            return file_rows.lineage_name(record.earlier.reference, record.later, record.declaration.reference)
    return str(record.reference)
