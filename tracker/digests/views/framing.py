"""A mail as HTML inside a page of ours."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.csp import CSP

# A mail brings its own styles and nothing else: no scripts, no forms, no requests; its links open outside the frame.
MAIL_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}
FRAMING_POLICY: dict[str, Any] = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}


def framed(html: str) -> HttpResponse:
    """A mail inside a page of ours; its links open in a tab of their own."""
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
