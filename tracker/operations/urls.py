from django.urls import path

from tracker.operations import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("statusz", views.statusz, name="statusz"),
]
