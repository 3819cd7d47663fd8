"""The record of every pledge: what was promised, by whom, when it is due, what became of it."""

from datetime import date, timedelta
from typing import ClassVar, Self

from babel import Locale
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges import dates


class Status(models.TextChoices):
    """Fulfilment, judged by people. A passed date never sets it."""

    FULFILLED = "fulfilled", _("Fulfilled")
    PARTLY_FULFILLED = "partly_fulfilled", _("Partly fulfilled")
    IN_PROGRESS = "in_progress", _("In progress")
    NOT_STARTED = "not_started", _("Not started")
    STALLED = "stalled", _("Stalled")
    NOT_FULFILLED = "not_fulfilled", _("Not fulfilled")
    UNVERIFIABLE = "unverifiable", _("Unverifiable")
    NO_EVIDENCE = "no_evidence", _("No evidence")
    NOT_ASSESSED = "not_assessed", _("Not assessed")


STATUS_MEANING = {
    Status.FULFILLED: _("The whole pledge is done, and accepted evidence shows it."),
    Status.PARTLY_FULFILLED: _("A distinct part is done; the rest is still owed."),
    Status.IN_PROGRESS: _("Concrete steps are on record; none of them completes the pledge."),
    Status.NOT_STARTED: _("Editors looked and found no step since the signing."),
    Status.STALLED: _("Work began, then stopped or was put off without a new date."),
    Status.NOT_FULFILLED: _("A party said it will not happen, did the opposite, or the result is ruled out."),
    Status.UNVERIFIABLE: _("The wording sets no outcome that anyone could check."),
    Status.NO_EVIDENCE: _("Editors looked and no source says anything either way."),
    Status.NOT_ASSESSED: _("No editor has judged this pledge yet."),
}
CLOSED = (Status.FULFILLED, Status.NOT_FULFILLED)
NEEDS_NO_EVIDENCE = (Status.NOT_ASSESSED, Status.NO_EVIDENCE, Status.NOT_STARTED)


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


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Party(models.Model):
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


class Theme(models.Model):
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


class DeclarationKind(models.TextChoices):
    JOINT_STATEMENT = "joint_statement", _("Joint statement")
    COMMUNIQUE = "communique", _("Communiqué")
    ACTION_PLAN = "action_plan", _("Action plan")
    TREATY = "treaty", _("Treaty")
    OTHER = "other", _("Other")


class Declaration(models.Model):
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
    watch = models.JSONField(default=dict, blank=True, help_text=_("Concepts that every watch rule shares"))

    class Meta:
        ordering = ("-signed_on", "slug")

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("declaration", args=[self.slug])


class Document(models.Model):
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


class PledgeKind(models.TextChoices):
    MEASURABLE_TARGET = "measurable_target", _("Measurable target")
    TIME_BOUND = "time_bound", _("Time-bound")
    CONTINUING = "continuing", _("Continuing")


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def open(self) -> Self:
        return self.exclude(status__in=CLOSED)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_latest__lt=today)

    def due_soon(self, today: date) -> Self:
        """Within the declaration's own number of days."""
        soon = Q()
        for pk, days in Declaration.objects.values_list("pk", "due_soon_days"):
            soon |= Q(declaration=pk, due_latest__range=(today, today + timedelta(days=days)))
        return self.open().filter(soon) if soon else self.none()


class Pledge(models.Model):
    """One testable obligation of a declaration."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="pledges")
    reference = models.CharField(max_length=40, unique=True)
    number = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    title = TextsField()
    statement = TextsField()
    criterion = TextsField(blank=True)
    kind = models.CharField(max_length=20, choices=PledgeKind, default=PledgeKind.CONTINUING)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="pledges")
    parties = models.ManyToManyField(Party, related_name="pledges")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="pledges")
    locator = TextsField(blank=True)
    due_words = TextsField(blank=True)
    due_edtf = models.CharField(max_length=40, blank=True)
    due_earliest = models.DateField(null=True, blank=True)
    due_latest = models.DateField(null=True, blank=True)
    is_due_stated = models.BooleanField(default=True)
    review_by = models.DateField(null=True, blank=True)
    watch = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.NOT_ASSESSED)
    version = models.PositiveIntegerField(default=0, help_text=_("Grows with each assessment"))
    superseded_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar = PledgeQuerySet.as_manager()

    class Meta:
        ordering = ("declaration", "number")
        indexes = (models.Index(fields=("declaration", "status")), models.Index(fields=("due_latest",)))
        constraints = (
            models.UniqueConstraint(fields=("declaration", "number"), name="pledge_number_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="pledge_status_known"),
            models.CheckConstraint(
                condition=Q(due_earliest__isnull=True)
                | Q(due_latest__isnull=True)
                | Q(due_earliest__lte=F("due_latest")),
                name="pledge_due_in_order",
            ),
        )

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("pledge", args=[self.reference])

    @property
    def code(self) -> str:
        """The number as pages show it: `03`."""
        return f"{self.number:02d}"


class Evidence(models.Model):
    """What shows the fate of a pledge: a link with its stance, kind and voice. Withdrawn, never deleted."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="evidence")
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


class Assessment(models.Model):
    """One judgement of one pledge. Append-only: a correction is a new row that names the one it corrects."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="assessments")
    status = models.CharField(max_length=20, choices=Status)
    previous_status = models.CharField(max_length=20, choices=Status)
    confidence = models.CharField(max_length=8, choices=Confidence, default=Confidence.MEDIUM)
    rationale = TextsField()
    evidence = models.ManyToManyField(Evidence, related_name="assessments")
    effective_on = models.DateField(help_text=_("When it became true"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_shipped = models.BooleanField(default=False, help_text=_("Recorded as part of the data set"))
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by")

    class Meta:
        ordering = ("-recorded_at", "-id")
        indexes = (models.Index(fields=("recorded_at",)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(is_shipped=True) | Q(recorded_by__isnull=False), name="assessment_has_a_judge"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge.reference}: {self.status}"


class Milestone(models.Model):
    """A dated step towards a pledge."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="milestones")
    key = models.SlugField(max_length=60, blank=True, help_text=_("Its name in the shipped data set"))
    title = TextsField()
    date_edtf = models.CharField(max_length=40, blank=True)
    date_earliest = models.DateField(null=True, blank=True)
    is_reached = models.BooleanField(default=False)
    url = models.URLField(max_length=2048, blank=True)

    class Meta:
        ordering = (F("date_earliest").asc(nulls_last=True), "id")
        constraints = (
            models.UniqueConstraint(fields=("pledge", "key"), condition=~Q(key=""), name="milestone_key_once"),
        )

    def __str__(self) -> str:
        return str(self.title)

    @property
    def date(self) -> str:
        return dates.describe(self.date_edtf, get_language() or "en")


class Metric(models.Model):
    """A figure by which a pledge can be measured."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="metrics")
    key = models.SlugField(max_length=60)
    name = TextsField()
    unit = TextsField()
    baseline_value = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_period = models.CharField(max_length=40, blank=True)
    target_value = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    note = TextsField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("pledge", "key"), name="metric_key_once"),)

    def __str__(self) -> str:
        return str(self.name)


class Observation(models.Model):
    """One figure of a metric, in one series, from one source."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="observations")
    series = TextsField(blank=True)
    period_edtf = models.CharField(max_length=40)
    period_latest = models.DateField(help_text=_("The last day of the period, where charts draw it"))
    value = models.DecimalField(max_digits=20, decimal_places=4)
    publisher = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=2048, blank=True)
    note = TextsField(blank=True)

    class Meta:
        ordering = ("period_latest", "id")

    def __str__(self) -> str:
        return f"{self.period_edtf}: {self.value}"
