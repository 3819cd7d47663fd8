"""The outbox: what became of every digest, and, without a mail server, every mail itself."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from tracker.accounts.permissions import admin_required
from tracker.accounts.requests import Request
from tracker.digests import actions, addresses
from tracker.digests.models import Digest, DigestState, OutboxMessage, Subscription
from tracker.digests.outbox import keeps_mails_here, mail_server, part
from tracker.digests.views.framing import FRAMING_POLICY, MAIL_POLICY, framed

PAGE_LENGTH = 50


@admin_required
@require_safe
def outbox(request: Request) -> HttpResponse:
    """Mails kept here, or the states of digests: all of them or those in one state."""
    is_local = keeps_mails_here()
    kind = request.GET.get("show", "")
    kind = kind if kind in ("digests", "mails") else ("mails" if is_local else "digests")
    state = request.GET.get("state", "")
    state = state if state in DigestState.values else ""
    digests = Digest.objects.select_related("user").defer("items")
    rows = {
        "digests": digests.filter(state=state) if state else digests.exclude(state=DigestState.EMPTY),
        "mails": OutboxMessage.objects.defer("raw"),
    }[kind]
    context = {
        "page": Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page")),
        "kind": kind,
        "state": state,
        "states": DigestState.choices,
        "suspended": Subscription.objects.filter(suspended_at__isnull=False).select_related("user")[:PAGE_LENGTH],
        "is_local": is_local,
        "server": mail_server(),
    }
    return render(request, "digests/outbox.html", context)


@admin_required
@require_safe
@csp_override(FRAMING_POLICY)
def outbox_message(request: Request, message_id: int) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, pk=message_id)
    context = {"message": message, "text": part(message, "plain"), "has_html": bool(part(message, "html"))}
    return render(request, "digests/outbox_message.html", context)


@admin_required
@require_safe
@csp_override(MAIL_POLICY)
@xframe_options_sameorigin
def outbox_message_html(request: Request, message_id: int) -> HttpResponse:
    return framed(part(get_object_or_404(OutboxMessage, pk=message_id), "html"))


@admin_required
@require_POST
def resend_digest(request: Request, digest_id: int) -> HttpResponse:
    get_object_or_404(Digest, pk=digest_id)
    if actions.resend(digest_id=digest_id, now=timezone.now()):
        messages.success(request, _("The digest is sent again within a minute."))
    else:
        messages.error(request, _("Not sent again: it was delivered, is on its way, or was told again since."))
    return redirect("outbox")


@admin_required
@require_POST
def restore_address(request: Request, user_id: int) -> HttpResponse:
    if addresses.restore(user_id=user_id):
        messages.success(request, _("Digests are sent to this address again."))
    return redirect("outbox")
