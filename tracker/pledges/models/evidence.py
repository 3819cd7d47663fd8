"""What shows the fate of a pledge."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.multilingual import TextsField
from tracker.pledges.models.declaration import Party
from tracker.pledges.models.pledge import Pledge


class Stance(models.TextChoices):
    PROGRESS = "progress", _("Progress")
    FULFILLED = "fulfilled", pgettext_lazy("what evidence shows", "Fulfilled")
    SETBACK = "setback", _("Setback")
    CONTEXT = "context", _("Context")


class EvidenceKind(models.TextChoices):
    ANNOUNCEMENT = "announcement", _("Announcement")
    ACTION = "action", _("Action")
    OUTPUT = "output", _("Output")
    OUTCOME = "outcome", _("Outcome")


class Voice(models.TextChoices):
    PARTY = "party", _("A party's official source")
    INDEPENDENT = "independent", _("Independent")
    MULTILATERAL = "multilateral", _("Multilateral")


class Evidence(models.Model):
    """What shows the fate of a pledge: a link with its stance, kind and voice. Withdrawn, never deleted."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="evidence")
    key = models.SlugField(max_length=60, blank=True, help_text=_("Its name in the shipped data set"))
    url = models.URLField(max_length=2048)
    title = models.CharField(max_length=500)
    publisher = models.CharField(max_length=120)
    language = models.CharField(max_length=12, blank=True)
    published_edtf = models.CharField(max_length=40)
    published_on = models.DateField(help_text=_("The first day the date can mean"))
    stance = models.CharField(max_length=12, choices=Stance)
    kind = models.CharField(max_length=12, choices=EvidenceKind)
    voice = models.CharField(max_length=12, choices=Voice)
    voice_party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = TextsField(blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-published_on", "-id")
        verbose_name_plural = "evidence"
        indexes = (models.Index(fields=("-added_at", "-id")), models.Index(fields=("-withdrawn_at", "-id")))
        constraints = (
            models.UniqueConstraint(
                fields=("pledge", "url"), condition=Q(withdrawn_at__isnull=True), name="evidence_link_once"
            ),
            models.UniqueConstraint(fields=("pledge", "key"), condition=~Q(key=""), name="evidence_key_once"),
            models.CheckConstraint(
                condition=Q(voice=Voice.PARTY, voice_party__isnull=False)
                | (~Q(voice=Voice.PARTY) & Q(voice_party__isnull=True)),
                name="evidence_party_voice_names_party",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.pledge.get_absolute_url()}#e{self.pk}"
