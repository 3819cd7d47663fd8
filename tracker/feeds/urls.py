from django.urls import path

from tracker.feeds import views

urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("add/", views.add_feed, name="add_feed"),
    path("<int:feed_id>/poll/", views.poll_feed, name="poll_feed"),
    path("<int:feed_id>/pause/", views.pause_feed, name="pause_feed"),
    path("<int:feed_id>/resume/", views.resume_feed, name="resume_feed"),
]
