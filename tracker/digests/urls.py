from django.urls import path

from tracker.digests import outbox_views, views

urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("pledges/<slug:reference>/follow/", views.follow_pledge, name="follow_pledge"),
    path("declarations/<slug:slug>/follow/", views.follow_declaration, name="follow_declaration"),
    path("digest/", views.digest_preview, name="digest_preview"),
    path("digest/mail/", views.digest_preview_html, name="digest_preview_html"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("outbox/", outbox_views.outbox, name="outbox"),
    path("outbox/<int:message_id>/", outbox_views.outbox_message, name="outbox_message"),
    path("outbox/<int:message_id>/mail/", outbox_views.outbox_message_html, name="outbox_message_html"),
    path("outbox/digests/<int:digest_id>/resend/", outbox_views.resend_digest, name="resend_digest"),
]
