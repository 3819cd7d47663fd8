"""What people keep of their own in the list of pledges, and when they last looked at it."""

from django.conf import settings
from django.db import models

from tracker.pledges.models import Declaration

NAME_LENGTH = 60
QUERY_LENGTH = 600


class SavedView(models.Model):
    """Filters and order of a declaration's list, under a name of its owner's."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("user", "declaration", "name"), name="saved_view_named_once"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{self.declaration.get_absolute_url()}{self.query}#pledges"


class Visit(models.Model):
    """When a person looked at a declaration, this time and the time before."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "declaration"), name="visit_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} at {self.declaration_id}"
