from django.urls import path

from tracker.pledges import copy_views, edit_views, figure_views, judging_views, views

urlpatterns = [
    path("edit/", edit_views.record, name="record"),
    path("edit/date/", edit_views.read_date, name="read_date"),
    path("edit/declarations/new/", edit_views.add_declaration, name="add_declaration"),
    path("edit/declaration/<slug:slug>/", edit_views.edit_declaration, name="edit_declaration"),
    path("edit/declaration/<slug:slug>/themes/new/", edit_views.add_theme, name="add_theme"),
    path("edit/declaration/<slug:slug>/sources/new/", edit_views.add_document, name="add_document"),
    path("edit/declaration/<slug:slug>/pledges/new/", edit_views.add_pledge, name="add_pledge"),
    path("edit/parties/new/", edit_views.add_party, name="add_party"),
    path("edit/party/<slug:code>/", edit_views.edit_party, name="edit_party"),
    path("edit/theme/<int:theme_id>/", edit_views.edit_theme, name="edit_theme"),
    path("edit/source/<int:document_id>/", edit_views.edit_document, name="edit_document"),
    path("edit/pledge/<slug:reference>/", edit_views.edit_pledge, name="edit_pledge"),
    path("edit/pledge/<slug:reference>/milestones/new/", edit_views.add_milestone, name="add_milestone"),
    path("edit/milestone/<int:milestone_id>/", edit_views.edit_milestone, name="edit_milestone"),
    path("metrics/<int:metric_id>/figures/", figure_views.add_figure, name="add_figure"),
    path("metrics/<int:metric_id>/figures/file/", figure_views.add_figure_file, name="add_figure_file"),
    path("metrics/<int:metric_id>/figures.csv", figure_views.figures_csv, name="figures_csv"),
    path("figures/<int:figure_id>/withdraw/", figure_views.withdraw_figure, name="withdraw_figure"),
    path("evidence/<int:evidence_id>/copy/", copy_views.evidence_copy, name="evidence_copy"),
    path("proposals/<int:proposal_id>/", judging_views.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/confirm/", judging_views.confirm_proposal, name="confirm_proposal"),
    path("proposals/<int:proposal_id>/reject/", judging_views.reject_proposal, name="reject_proposal"),
    path("proposals/<int:proposal_id>/take-back/", judging_views.take_back_proposal, name="take_back_proposal"),
    path("pledges/<slug:reference>/status/", judging_views.assess, name="assess"),
    path("pledges/<slug:reference>/evidence/", views.add_evidence, name="add_evidence"),
    path("evidence/<int:evidence_id>/withdraw/", views.withdraw_evidence, name="withdraw_evidence"),
]
