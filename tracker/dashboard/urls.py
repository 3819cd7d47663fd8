from django.urls import path

from tracker.dashboard import (
    citation_views,
    export_views,
    feed_views,
    happening_views,
    judgement_views,
    saved_view_views,
    search_views,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("declarations/<slug:slug>/", views.declaration, name="declaration"),
    path("declarations/<slug:slug>/download.<slug:format>", export_views.export_declaration, name="export_declaration"),
    path("declarations/<slug:slug>/cite.<slug:format>", citation_views.declaration, name="cite_declaration"),
    path("declarations/<slug:slug>/views/", saved_view_views.keep, name="keep_view"),
    path("views/<int:view_id>/remove/", saved_view_views.let_go, name="let_go_view"),
    path("pledges/<slug:reference>/", views.pledge, name="pledge"),
    path("pledges/<slug:reference>/cite.<slug:format>", citation_views.pledge, name="cite_pledge"),
    path("pledges/<slug:reference>/judgements/<int:number>/", judgement_views.judgement, name="judgement"),
    path(
        "pledges/<slug:reference>/judgements/<int:number>/cite.<slug:format>",
        citation_views.judgement,
        name="cite_judgement",
    ),
    path("activity/", happening_views.activity, name="activity"),
    path("activity.atom", happening_views.atom, name="activity_feed"),
    path("feeds/", feed_views.feeds, name="feeds"),
    path("search/", search_views.find, name="search"),
    path("methodology/", views.methodology, name="methodology"),
]
