"""What administrators do to accounts. Nobody is deleted: history names its judges for ever."""

from datetime import datetime

from django.db import transaction

from tracker.accounts.models import Role, User


class LastAdministratorError(Exception):
    """Without one administrator nobody could let people in again."""


def invite(*, email: str, name: str, role: str, language: str, now: datetime) -> User:
    """An account without a password; its owner sets one by the mailed link."""
    return User.objects.create_user(email, None, name=name, role=role, language=language, joined_at=now)


@transaction.atomic
def change_role(*, person: User, role: str) -> None:
    """Raises LastAdministratorError."""
    if role != Role.ADMIN:
        _keep_an_administrator(person)
    User.objects.filter(pk=person.pk).update(role=role)


@transaction.atomic
def deactivate(*, person: User) -> None:
    """Signs the person out everywhere and for good. Raises LastAdministratorError."""
    _keep_an_administrator(person)
    User.objects.filter(pk=person.pk).update(is_active=False)


def reactivate(*, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)


def _keep_an_administrator(leaving: User) -> None:
    """Locks the administrators' rows, so that two of them cannot remove each other at once."""
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
    if [admin.pk for admin in admins] == [leaving.pk]:
        raise LastAdministratorError
