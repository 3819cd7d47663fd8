"""What people fill in about themselves; allauth's forms with our words."""

import logging
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from allauth.account import forms as allauth_forms
from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.accounts import zones
from tracker.accounts.models import Role, User

logger = logging.getLogger(__name__)


def _say(form: forms.Form, **labels: Any) -> None:
    """Our labels; no placeholders, which vanish when one types."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, login=_("E-mail"), password=_("Password"), remember=_("Stay signed in on this device"))
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class ForgottenPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, email=_("E-mail"))

    def save(self, request: Any, **kwargs: Any) -> str:
        """The page answers alike whether the address is known or not, and whether the mail could be sent or not."""
        if self.users:
            try:
                super().save(request, **kwargs)
            except (OSError, SMTPException):
                logger.exception("A password mail could not be sent")
        return self.cleaned_data["email"]


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, password1=_("New password"), password2=_("New password again"))


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, oldpassword=_("Current password"), password1=_("New password"), password2=_("New password again"))
        self.fields["oldpassword"].help_text = ""


class ProfileForm(forms.ModelForm):
    """Name, clock and language. `now` gives each time zone the offset it has today."""

    class Meta:
        model = User
        fields = ("name", "time_zone", "language", "has_shortcuts")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zones.choices(get_language() or "en", now)
        kept = self.instance.time_zone
        if kept not in dict(choices):
            choices.append((kept, kept))
        self.fields["time_zone"] = forms.ChoiceField(label=self.fields["time_zone"].label, choices=choices)
        languages = [(code, _own_name(code)) for code, _name in settings.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(label=self.fields["language"].label, choices=languages)


def _own_name(code: str) -> str:
    """A language in its own words, so that one finds it from a page one cannot read."""
    name = Locale.parse(code.replace("-", "_")).display_name or code
    return name[:1].upper() + name[1:]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name shown in history"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.EDITOR)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This person already has an account; change it in the list"))
        return email
