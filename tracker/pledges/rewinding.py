"""Loaded rows → what they said before a moment, by undoing the edits made since.

Names that addresses are made of (a declaration's, a pledge's reference, a party's code) stay today's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Model, Q

from tracker.pledges.edit_values import name_field, restored, with_derived
from tracker.pledges.models import Declaration, Document, Edit, Evidence, Observation, Party, Pledge, Revised, Theme

KEPT: dict[type[Model], set[str]] = {Declaration: {"slug", "reference"}, Party: {"code"}, Pledge: {"reference"}}
NAMED = (Theme, Document, Party)  # few, and rows refer to them by names that change
IDS_AT_MOST = 500  # of more rows of a kind, every edit since is read: there are fewer edits than rows

Was = dict[tuple[type[Model], int], dict[str, Any]]  # each changed field of each row, as it stands in an edit


def rewind(rows: Iterable[Any], until: datetime) -> None:
    """Changes these rows, and all that were loaded along with them, for one query and one more per kind referred to."""
    loaded = _loaded(rows)
    was = _was(loaded, until)
    referred = _Referred(loaded, was)
    for (model, pk), fields in was.items():
        for row in loaded[model].get(pk, ()):
            _undo(row, fields, referred)
    for model, pk, row in referred.found():
        _undo(row, was.get((model, pk), {}), referred)


def _loaded(rows: Iterable[Any]) -> defaultdict[type[Model], dict[int, list[Any]]]:
    """Every row that these hold, by kind and id; one may have been loaded more than once."""
    found: defaultdict[type[Model], dict[int, list[Any]]] = defaultdict(dict)
    seen: set[int] = set()
    todo = list(rows)
    while todo:
        row = todo.pop()
        if id(row) in seen:
            continue
        seen.add(id(row))
        found[type(row)].setdefault(row.pk, []).append(row)
        todo += [related for related in row._state.fields_cache.values() if related is not None]
        for related in getattr(row, "_prefetched_objects_cache", {}).values():
            todo += related
    return found


def _was(loaded: dict[type[Model], dict[int, list[Any]]], until: datetime) -> Was:
    """By the first edit of each field since."""
    models = {model for model in loaded if issubclass(model, (Revised, Evidence, Observation))}
    wanted = Q(record__in=[model._meta.model_name for model in NAMED])
    for model in models - set(NAMED):
        few = {"record_id__in": list(loaded[model])} if len(loaded[model]) <= IDS_AT_MOST else {}
        wanted |= Q(record=model._meta.model_name, **few)
    by_name = {model._meta.model_name: model for model in (*models, *NAMED)}
    was: Was = {}
    edits = Edit.objects.filter(wanted, at__gte=until).exclude(field="").order_by("at", "id")
    for record, pk, field, before in edits.values_list("record", "record_id", "field", "before"):
        model = by_name[record]
        if field not in KEPT.get(model, ()):
            was.setdefault((model, pk), {}).setdefault(field, before)
    return was


def _undo(row: Any, fields: dict[str, Any], referred: "_Referred") -> None:
    values = {name: _value(row, name, before, referred) for name, before in fields.items()}
    for name, value in with_derived(values, type(row)).items():
        if name != "parties":
            setattr(row, name, value)
        elif "parties" in getattr(row, "_prefetched_objects_cache", {}):
            row._prefetched_objects_cache["parties"]._result_cache = value


def _value(row: Any, name: str, before: Any, referred: "_Referred") -> Any:
    field = row._meta.get_field(name)
    if not field.is_relation:
        return restored(field, before)
    if field.many_to_many:
        parties = (referred.row(field.related_model, row, code) for code in before)
        return sorted(filter(None, parties), key=lambda party: party.code)
    return referred.row(field.related_model, row, before)


class _Referred:
    """Themes, sources and parties by the names they have now or had since, read only where an edit names one."""

    def __init__(self, loaded: dict[type[Model], dict[int, list[Any]]], was: Was) -> None:
        self.was = was
        self.rows: dict[type[Model], dict[tuple[int | None, str], Any]] = {}
        self.owners = {row.declaration_id for each in loaded.get(Pledge, {}).values() for row in each}

    def row(self, model: type[Model], referrer: Any, name: str | None) -> Any:
        if not name:
            return None
        if model not in self.rows:
            self.rows[model] = dict(self._named(model))
        owner = None if model is Party else referrer.declaration_id
        return self.rows[model].get((owner, name))

    def _named(self, model: Any) -> Iterator[tuple[tuple[int | None, str], Any]]:
        rows = model._default_manager.all()
        if model is not Party:
            rows = rows.filter(declaration__in=self.owners)
        by_pk = {row.pk: row for row in rows}
        name = name_field(model)
        for (kind, pk), fields in self.was.items():
            if kind is model and name in fields and pk in by_pk:
                yield (getattr(by_pk[pk], "declaration_id", None), fields[name]), by_pk[pk]
        for row in by_pk.values():
            yield (getattr(row, "declaration_id", None), getattr(row, name)), row

    def found(self) -> Iterator[tuple[type[Model], int, Any]]:
        for model, named in self.rows.items():
            for row in {row.pk: row for row in named.values()}.values():
                yield model, row.pk, row
