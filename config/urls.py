"""Every address of the site; each app lists its own."""

from django.contrib import admin
from django.urls import include, path

handler400 = "tracker.dashboard.errors.bad_request"
handler403 = "tracker.dashboard.errors.permission_denied"
handler404 = "tracker.dashboard.errors.page_not_found"
handler500 = "tracker.dashboard.errors.server_error"

urlpatterns = [
    path("", include("tracker.dashboard.urls")),
    path("", include("tracker.pledges.urls")),
    path("", include("tracker.operations.urls")),
    path("account/", include("tracker.accounts.urls")),
    path("feeds/", include("tracker.feeds.urls")),
    path("review/", include("tracker.matching.urls")),
    path("", include("tracker.digests.urls")),
    path("admin/", admin.site.urls),
]
