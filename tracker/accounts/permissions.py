"""Who may do what: two decorators for views."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

View = Callable[..., HttpResponse]


def editor_required(view: View) -> View:
    return _role_required(view, "is_editor", _("Only editors can do this. You can still read every decision."))


def admin_required(view: View) -> View:
    return _role_required(view, "is_admin", _("Only administrators can see this page."))


def _role_required(view: View, flag: str, message: str) -> View:
    """Signing in is asked for by LoginRequiredMiddleware; this asks for the role."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, flag, False):
            raise PermissionDenied(message)
        return view(request, *args, **kwargs)

    return guarded
