"""The document that was signed, by whom, and what it is about."""

from babel import Locale
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges.models.revised import Revised


class Party(Revised):
    """A country or organisation that owes something."""

    code = models.SlugField(max_length=12, unique=True)
    territory = models.CharField(max_length=3, blank=True, help_text=_("CLDR territory, for the country's name"))
    name = TextsField(blank=True)

    class Meta:
        ordering = ("code",)
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        language = (get_language() or "en").replace("-", "_")
        return str(self.name) or Locale.parse(language).territories.get(self.territory, self.code)


class Theme(Revised):
    """What a pledge is about."""

    declaration = models.ForeignKey("Declaration", on_delete=models.CASCADE, related_name="themes")
    slug = models.SlugField(max_length=60)
    title = TextsField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "slug")
        constraints = (models.UniqueConstraint(fields=("declaration", "slug"), name="theme_slug_once"),)

    def __str__(self) -> str:
        return str(self.title)

    @property
    def place(self) -> tuple[int, str]:
        """By which lists are ordered."""
        return self.position, self.slug


class DeclarationKind(models.TextChoices):
    JOINT_STATEMENT = "joint_statement", _("Joint statement")
    COMMUNIQUE = "communique", _("Communiqué")
    ACTION_PLAN = "action_plan", _("Action plan")
    TREATY = "treaty", _("Treaty")
    OTHER = "other", _("Other")


class Declaration(Revised):
    """The document that was signed."""

    slug = models.SlugField(max_length=60, unique=True)
    reference = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=20, choices=DeclarationKind, default=DeclarationKind.JOINT_STATEMENT)
    title = TextsField()
    summary = TextsField(blank=True)
    place = TextsField(blank=True)
    signatories = models.JSONField(default=list, blank=True)
    signed_on = models.DateField()
    parties = models.ManyToManyField(Party, related_name="declarations")
    due_soon_days = models.PositiveSmallIntegerField(default=45)
    stale_days = models.PositiveSmallIntegerField(default=180)
    needs_second_person = models.BooleanField(
        default=False, help_text=_("A judgement waits until another editor confirms it")
    )
    watch = models.JSONField(default=dict, blank=True, help_text=_("Concepts that every watch rule shares"))

    class Meta:
        ordering = ("-signed_on", "slug")

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("declaration", args=[self.slug])


class Document(Revised):
    """A text or report in which the declaration stands."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="documents")
    key = models.SlugField(max_length=40)
    title = TextsField()
    publisher = models.CharField(max_length=120)
    language = models.CharField(max_length=12, blank=True)
    published_edtf = models.CharField(max_length=40, blank=True)
    url = models.URLField(max_length=2048, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("declaration", "key"), name="document_key_once"),)

    def __str__(self) -> str:
        return str(self.title)
