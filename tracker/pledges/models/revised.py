"""Rows that editors change in the app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Revised(models.Model):
    """Carries a number by which a change is made only to what its editor saw."""

    revision = models.PositiveIntegerField(default=0, help_text=_("Grows with each edit"))

    class Meta:
        abstract = True
