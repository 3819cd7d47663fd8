from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; links in mails always carry the site's own address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        from django.urls import reverse

        return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": "U", "key": "K"}).replace(
            "U-K", key
        )
