"""What became of a pledge, in nine words: judged by people, never by a clock."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
