"""Digests on the web, for those they are for: what the next one would say, and every one that was planned."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from tracker.accounts.models import User
from tracker.accounts.requests import Request
from tracker.digests import following
from tracker.digests.composing import Mail, compose
from tracker.digests.gathering import gather
from tracker.digests.models import Digest, DigestState, Subscription
from tracker.digests.views.framing import FRAMING_POLICY, MAIL_POLICY, framed

PAGE_LENGTH = 50


def _next_mail(request: Request) -> tuple[Subscription, Mail | None]:
    """What the next digest would say if it came now; None when there is nothing to say."""
    now = timezone.now()
    kept = Subscription.objects.select_related("user").filter(user=request.user).first()
    subscription = kept or following.fresh_subscription(User.objects.get(pk=request.user.pk), now=now)
    undelivered = Digest.objects.undelivered().filter(user=subscription.user)
    contents = gather(subscription, end=now, undelivered=undelivered)
    return subscription, None if contents.is_empty else compose(contents)


@require_safe
@csp_override(FRAMING_POLICY)
def digest_preview(request: Request) -> HttpResponse:
    subscription, mail = _next_mail(request)
    return render(request, "digests/preview.html", {"subscription": subscription, "mail": mail})


@require_safe
@csp_override(MAIL_POLICY)
@xframe_options_sameorigin
def digest_preview_html(request: Request) -> HttpResponse:
    _subscription, mail = _next_mail(request)
    return framed(mail.html if mail else "")


def _own(request: Request, word: str) -> Digest:
    """One's own alone: nobody else, an administrator neither, learns what a person follows."""
    mine = Digest.objects.filter(user=request.user).exclude(state=DigestState.EMPTY)
    return get_object_or_404(mine, message_id__startswith=f"<digest.{word}@")


@require_safe
def digests(request: Request) -> HttpResponse:
    mine = Digest.objects.filter(user=request.user).exclude(state=DigestState.EMPTY).defer("items")
    page = Paginator(mine, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "digests/digests.html", {"page": page})


@require_safe
@csp_override(FRAMING_POLICY)
def digest(request: Request, word: str) -> HttpResponse:
    """The permanent address of one digest, as the mail itself names it."""
    return render(request, "digests/digest.html", {"digest": _own(request, word)})


@require_safe
@csp_override(MAIL_POLICY)
@xframe_options_sameorigin
def digest_html(request: Request, word: str) -> HttpResponse:
    return framed(_own(request, word).body.html)
