from django.urls import path

from tracker.digests.views import choices, leaving, outbox, preview

urlpatterns = [
    path("settings/", choices.settings_page, name="settings"),
    path("pledges/<slug:reference>/follow/", choices.follow_pledge, name="follow_pledge"),
    path("declarations/<slug:slug>/follow/", choices.follow_declaration, name="follow_declaration"),
    path("declarations/<slug:slug>/follow-list/", choices.follow_list, name="follow_list"),
    path("settings/follow/", choices.follow_thing, name="follow_thing"),
    path("settings/follows/<int:follow_id>/end/", choices.unfollow, name="unfollow"),
    path("settings/address/", choices.restore_address, name="restore_address"),
    path("digests/", preview.digests, name="digests"),
    path("digests/<slug:word>/", preview.digest, name="digest"),
    path("digests/<slug:word>/mail/", preview.digest_html, name="digest_html"),
    path("digest/", preview.digest_preview, name="digest_preview"),
    path("digest/mail/", preview.digest_preview_html, name="digest_preview_html"),
    path("unsubscribe/<str:token>/", leaving.unsubscribe, name="unsubscribe"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:message_id>/", outbox.outbox_message, name="outbox_message"),
    path("outbox/<int:message_id>/mail/", outbox.outbox_message_html, name="outbox_message_html"),
    path("outbox/addresses/<int:user_id>/restore/", outbox.restore_address, name="restore_address_of"),
    path("outbox/digests/<int:digest_id>/resend/", outbox.resend_digest, name="resend_digest"),
]
