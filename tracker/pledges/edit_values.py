"""Values of a record's fields as the declaration file and the history of edits write them, and the way back."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from tracker.pledges import dates, file_items

Values = dict[str, Any]
DERIVED = {
    "due_edtf": ("due_earliest", "due_latest"),
    "date_edtf": ("date_earliest",),
    "published_edtf": ("published_on",),
    "period_edtf": ("", "period_latest"),
}
DERIVED_FROM = {column: field for field, columns in DERIVED.items() for column in columns if column}
NAMES = ("reference", "code", "slug", "key")  # the first that a row has is what other rows call it


def plain(value: Any) -> Any:
    """A value of a field as it stands in the declaration file."""
    if isinstance(value, models.Model):
        return getattr(value, name_field(type(value)))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return file_items.number(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    rows = list(value)
    return sorted(map(plain, rows)) if rows and isinstance(rows[0], models.Model) else rows


def name_field(model: type[models.Model]) -> str:
    return next(name for name in NAMES if hasattr(model, name))


def restored(field: models.Field, value: Any) -> Any:
    """The other way: what stands in the file as a value of the field. Not for fields that name other rows."""
    if isinstance(value, float):
        value = str(value)
    return field.to_python(value)


def with_derived(values: Values, model: type[models.Model]) -> Values:
    """Also the days that a fuzzy date of the model spans."""
    columns = {field.name for field in model._meta.get_fields()}
    derived: Values = {}
    for field, names in DERIVED.items():
        if field in values:
            spans = zip(names, dates.bounds(values[field]), strict=False)
            derived |= {name: day for name, day in spans if name in columns}
    return values | derived
