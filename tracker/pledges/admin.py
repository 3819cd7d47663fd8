"""The record in Django's admin, to look at only: editors write it in the app, data sets through `load_declaration`."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tracker.pledges.models import Assessment, Declaration, Evidence, Metric, Milestone, Party, Pledge


class LookingOnly(admin.ModelAdmin):
    """Nothing is added, changed or deleted here, whoever asks."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Declaration)
class DeclarationAdmin(LookingOnly):
    list_display = ("reference", "title", "kind", "signed_on")


@admin.register(Party)
class PartyAdmin(LookingOnly):
    list_display = ("code", "__str__")


@admin.register(Pledge)
class PledgeAdmin(LookingOnly):
    list_display = ("reference", "title", "theme", "status", "due_edtf", "version")
    list_filter = ("declaration", "status", "kind")
    list_select_related = ("theme",)
    search_fields = ("reference", "slug")


@admin.register(Evidence)
class EvidenceAdmin(LookingOnly):
    list_display = ("title", "pledge", "publisher", "published_edtf", "stance", "voice", "added_by", "withdrawn_at")
    list_filter = ("stance", "kind", "voice")
    list_select_related = ("pledge", "added_by")
    search_fields = ("title", "publisher", "url", "pledge__reference")


@admin.register(Assessment)
class AssessmentAdmin(LookingOnly):
    list_display = ("pledge", "previous_status", "status", "confidence", "effective_on", "recorded_at", "recorded_by")
    list_filter = ("status", "is_shipped")
    list_select_related = ("pledge", "recorded_by")
    search_fields = ("pledge__reference",)


@admin.register(Milestone, Metric)
class StepAdmin(LookingOnly):
    list_display = ("__str__", "pledge")
    list_select_related = ("pledge",)
    search_fields = ("pledge__reference",)
