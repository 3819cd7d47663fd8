"""Text that a record holds in several languages, shown in the reader's.

Stored as a JSON object by BCP 47 language tag: `{"en": "Trade", "fr": "Commerce"}`.
"""

from typing import Any

from django.db import models
from django.utils.translation import get_language


class Texts(dict[str, str]):
    """One text in several languages; as a string it is the one for the active language."""

    @property
    def language(self) -> str:
        """The language `str()` speaks now: the reader's, its base, English, or whatever there is."""
        wanted = get_language() or "en"
        for candidate in (wanted, wanted.partition("-")[0], "en", *self):
            if self.get(candidate):
                return candidate
        return wanted

    def __str__(self) -> str:
        return self.get(self.language, "")

    def __bool__(self) -> bool:
        return any(self.values())


class TextsField(models.JSONField):
    """A JSON column that gives `Texts` back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", Texts)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Texts:
        return Texts(super().from_db_value(value, expression, connection) or {})

    def to_python(self, value: Any) -> Texts:
        return Texts(super().to_python(value) or {})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return dict(getattr(model_instance, self.attname) or {})
