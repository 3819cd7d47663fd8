"""The people page: administrators invite, change roles and close accounts."""

from smtplib import SMTPException

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.accounts import actions
from tracker.accounts.forms import InvitationForm
from tracker.accounts.models import Role, User
from tracker.accounts.permissions import admin_required
from tracker.accounts.requests import Request

PAGE_LENGTH = 50


@admin_required
@require_http_methods(["GET", "POST"])
def people(request: Request) -> HttpResponse:
    """Everyone who may sign in, and the form that invites one more."""
    form = InvitationForm(request.POST or None, initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        person = actions.invite(**form.cleaned_data, now=timezone.now())
        _mail_invitation(request, person)
        return redirect("people")
    page = Paginator(User.objects.all(), PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "roles": Role.choices}
    return render(request, "accounts/people.html", context, status=422 if form.is_bound else 200)


@admin_required
@require_POST
def invite_again(request: Request, person_id: int) -> HttpResponse:
    """A new link for someone whose mail was lost or grew too old."""
    _mail_invitation(request, get_object_or_404(User, pk=person_id, is_active=True))
    return redirect("people")


def _mail_invitation(request: Request, person: User) -> None:
    letter = ResetPasswordForm({"email": person.email})
    letter.is_valid()
    try:
        letter.save(request)
    except (OSError, SMTPException) as error:
        text = _("The account of %(email)s stands, but the mail could not be sent: %(error)s. Send it again later.")
        messages.error(request, text % {"email": person.email, "error": error})
    else:
        messages.success(request, _("%(email)s was sent a link to set a password.") % {"email": person.email})


@admin_required
@require_POST
def change_role(request: Request, person_id: int) -> HttpResponse:
    person, role = get_object_or_404(User, pk=person_id), request.POST.get("role")
    if role not in Role.values:
        messages.error(request, _("Not changed: choose one of the roles."))
        return redirect("people")
    try:
        actions.change_role(person=person, role=role)
    except actions.LastAdministratorError:
        messages.error(request, _("Not changed: this is the last administrator. Make someone else one first."))
    else:
        said = {"name": person.display_name, "role": Role(role).label}
        messages.success(request, _("%(name)s is now: %(role)s.") % said)
    return redirect("people")


@admin_required
@require_POST
def deactivate(request: Request, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    try:
        actions.deactivate(person=person)
    except actions.LastAdministratorError:
        messages.error(request, _("Not closed: this is the last administrator. Make someone else one first."))
    else:
        text = _("%(name)s can no longer sign in. Everything they recorded stays.")
        messages.success(request, text % {"name": person.display_name})
    return redirect("people")


@admin_required
@require_POST
def reactivate(request: Request, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    actions.reactivate(person=person)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person.display_name})
    return redirect("people")
