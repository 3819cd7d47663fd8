"""Single feeds and the ways to add them; the list of all belongs to the dashboard, which knows what came of them."""

from django.urls import path

from tracker.feeds import adding_views, push_views, views

urlpatterns = [
    path("add/", adding_views.add_feed, name="add_feed"),
    path("look/", adding_views.look_for_feeds, name="look_for_feeds"),
    path("import/", adding_views.import_feeds, name="import_feeds"),
    path("followthrough-feeds.opml", adding_views.export_feeds, name="export_feeds"),
    path("push/<slug:token>/", push_views.push, name="push"),
    path("<int:feed_id>/", views.feed, name="feed"),
    path("<int:feed_id>/edit/", views.edit_feed, name="edit_feed"),
    path("<int:feed_id>/poll/", views.poll_feed, name="poll_feed"),
    path("<int:feed_id>/pause/", views.pause_feed, name="pause_feed"),
    path("<int:feed_id>/resume/", views.resume_feed, name="resume_feed"),
]
