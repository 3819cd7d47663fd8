from django.urls import path

from tracker.matching import rule_views, views

urlpatterns = [
    path("", views.review, name="review"),
    path("rules/<slug:reference>/", rule_views.edit_rule, name="edit_rule"),
    path("<int:suggestion_id>/", views.suggestion, name="suggestion"),
    path("<int:suggestion_id>/accept", views.accept, name="accept_suggestion"),
    path("<int:suggestion_id>/dismiss", views.dismiss, name="dismiss_suggestion"),
    path("<int:suggestion_id>/undo", views.undo, name="undo_suggestion"),
]
