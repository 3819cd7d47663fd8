"""Where allauth asks the product for its words, addresses and mails."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; links in mails always carry the site's own address."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail and password do not match. Check both."),
        "too_many_login_attempts": _(
            "Too many attempts. Wait five minutes and try again, or set a new password with “I forgot my password”."
        ),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings") + "#account"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """`key` is `<person>-<token>` as one opaque word."""
        person, _dash, token = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[person, token])

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """In the recipient's language. Someone who never had a password is being invited."""
        kind = "password_reset_key" if user.has_usable_password() else "invitation"
        with translation.override(user.language):
            days = settings.PASSWORD_RESET_TIMEOUT // 86_400
            self.send_mail(f"account/email/{kind}", email, {**context, "days": days})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        self.render_mail(template_prefix, email, {**context, "email": email, "site": settings.SITE_URL}).send()
