from django.urls import path

from tracker.digests.views import choices, leaving, outbox, preview

urlpatterns = [
    path("settings/", choices.settings_page, name="settings"),
    path("pledges/<slug:reference>/follow/", choices.follow_pledge, name="follow_pledge"),
    path("declarations/<slug:slug>/follow/", choices.follow_declaration, name="follow_declaration"),
    path("digest/", preview.digest_preview, name="digest_preview"),
    path("digest/mail/", preview.digest_preview_html, name="digest_preview_html"),
    path("unsubscribe/<str:token>/", leaving.unsubscribe, name="unsubscribe"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:message_id>/", outbox.outbox_message, name="outbox_message"),
    path("outbox/<int:message_id>/mail/", outbox.outbox_message_html, name="outbox_message_html"),
    path("outbox/digests/<int:digest_id>/resend/", outbox.resend_digest, name="resend_digest"),
]
