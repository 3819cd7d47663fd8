from django.urls import path

from tracker.pledges import judging_views, views

urlpatterns = [
    path("proposals/<int:proposal_id>/", judging_views.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/confirm/", judging_views.confirm_proposal, name="confirm_proposal"),
    path("proposals/<int:proposal_id>/reject/", judging_views.reject_proposal, name="reject_proposal"),
    path("proposals/<int:proposal_id>/take-back/", judging_views.take_back_proposal, name="take_back_proposal"),
    path("pledges/<slug:reference>/status/", judging_views.assess, name="assess"),
    path("pledges/<slug:reference>/evidence/", views.add_evidence, name="add_evidence"),
    path("evidence/<int:evidence_id>/withdraw/", views.withdraw_evidence, name="withdraw_evidence"),
]
