"""What became of a pledge in a later declaration."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges.models.declaration import Declaration
from tracker.pledges.models.pledge import Pledge
from tracker.pledges.models.revised import Revised


class Relation(models.TextChoices):
    RESTATED = "restated", _("Restated")
    STRENGTHENED = "strengthened", _("Strengthened")
    WEAKENED = "weakened", _("Weakened")
    DROPPED = "dropped", _("Dropped")


SAID_OF_EARLIER = {
    Relation.RESTATED: _("Restated in"),
    Relation.STRENGTHENED: _("Strengthened in"),
    Relation.WEAKENED: _("Weakened in"),
    Relation.DROPPED: _("Dropped in"),
}
SAID_OF_LATER = {
    Relation.RESTATED: _("Restates"),
    Relation.STRENGTHENED: _("Strengthens"),
    Relation.WEAKENED: _("Weakens"),
}


class Lineage(Revised):
    """A pledge that a later declaration takes up again or drops; from then on the earlier one is superseded."""

    earlier = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="continued_in")
    later = models.ForeignKey(Pledge, on_delete=models.CASCADE, null=True, blank=True, related_name="continues")
    declaration = models.ForeignKey(
        Declaration, on_delete=models.CASCADE, related_name="lineage", help_text=_("The later one, where it happened")
    )
    relation = models.CharField(max_length=20, choices=Relation)
    note = TextsField(blank=True)

    class Meta:
        ordering = ("declaration__signed_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="lineage_relation_known"),
            models.CheckConstraint(
                condition=Q(relation=Relation.DROPPED, later__isnull=True)
                | Q(~Q(relation=Relation.DROPPED), later__isnull=False),
                name="lineage_later_unless_dropped",
            ),
            models.UniqueConstraint(fields=("earlier", "later"), name="lineage_pair_once"),
            models.UniqueConstraint(
                fields=("earlier", "declaration"), condition=Q(later__isnull=True), name="lineage_dropped_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_relation_display()}: {self.earlier.reference}"

    def clean(self) -> None:
        """What a constraint cannot see, since it stands in other tables."""
        if self.later and self.later.declaration_id != self.declaration_id:
            raise ValidationError(_("The later pledge is none of this declaration"))
        if self.earlier.declaration_id == self.declaration_id:
            raise ValidationError(_("Both pledges are of the same declaration"))
        if self.earlier.declaration.signed_on > self.declaration.signed_on:
            raise ValidationError(_("The declaration of the earlier pledge was signed later"))

    @property
    def pledge(self) -> Pledge | None:
        """In whose history it stands."""
        return self.later

    @property
    def said_of_earlier(self) -> str:
        return str(SAID_OF_EARLIER[Relation(self.relation)])

    @property
    def said_of_later(self) -> str:
        return str(SAID_OF_LATER[Relation(self.relation)])
