"""Signs of life that outlast the process that gave them."""

from django.db import models


class Heartbeat(models.Model):
    """When one part of the machinery last did its work: beat by its own hand, each queue by running a task."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%F %T}"
