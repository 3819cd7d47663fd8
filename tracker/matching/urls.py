from django.urls import path

from tracker.matching import decision_views, rule_views, views

urlpatterns = [
    path("", views.review, name="review"),
    path("rules/progress", rule_views.rematch_progress, name="rematch_progress"),
    path("rules/<slug:reference>/", rule_views.edit_rule, name="edit_rule"),
    path("rules/<slug:reference>/learning", rule_views.switch_learning, name="switch_learning"),
    path("bulk", decision_views.bulk, name="bulk_review"),
    path("<int:suggestion_id>/", views.suggestion, name="suggestion"),
    path("<int:suggestion_id>/readers", views.readers, name="suggestion_readers"),
    path("<int:suggestion_id>/accept", decision_views.accept, name="accept_suggestion"),
    path("<int:suggestion_id>/dismiss", decision_views.dismiss, name="dismiss_suggestion"),
    path("<int:suggestion_id>/snooze", decision_views.snooze, name="snooze_suggestion"),
    path("<int:suggestion_id>/undo", decision_views.undo, name="undo_suggestion"),
]
