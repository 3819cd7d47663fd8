from django.urls import path

from tracker.pledges import views

urlpatterns = [
    path("pledges/<slug:reference>/status/", views.assess, name="assess"),
    path("pledges/<slug:reference>/evidence/", views.add_evidence, name="add_evidence"),
    path("evidence/<int:evidence_id>/withdraw/", views.withdraw_evidence, name="withdraw_evidence"),
]
