from django.urls import path

from tracker.dashboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("declarations/<slug:slug>/", views.declaration, name="declaration"),
    path("pledges/<slug:reference>/", views.pledge, name="pledge"),
    path("methodology/", views.methodology, name="methodology"),
]
