from django.urls import path

from tracker.dashboard import export_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("declarations/<slug:slug>/", views.declaration, name="declaration"),
    path("declarations/<slug:slug>/download.<slug:format>", export_views.export_declaration, name="export_declaration"),
    path("pledges/<slug:reference>/", views.pledge, name="pledge"),
    path("methodology/", views.methodology, name="methodology"),
]
