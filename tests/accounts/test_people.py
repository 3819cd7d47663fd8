import pytest
from django.core import mail
from django.urls import reverse

from tests import factories
from tests.accounts.test_signing_in import link_in, sign_in
from tracker.accounts import actions
from tracker.accounts.models import User

pytestmark = pytest.mark.django_db
NEW = {"email": "New@Example.org", "name": "N. Newcomer", "role": "editor", "language": "fr"}


@pytest.fixture
def admin(client):
    admin = factories.admin()
    client.force_login(admin)
    return admin


def said(answer):
    return answer.content.decode()


def test_invited_person_sets_a_password_by_the_mailed_link(client, admin):
    assert client.post(reverse("people"), NEW)["Location"] == reverse("people")
    person = User.objects.get(email="new@example.org")
    assert (person.name, person.role, person.language) == ("N. Newcomer", "editor", "fr")
    assert not person.has_usable_password()
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    client.logout()
    form = client.get(link_in(message), follow=True)
    new = {"password1": "a new long secret", "password2": "a new long secret"}
    client.post(form.redirect_chain[-1][0], new)
    assert sign_in(client, "new@example.org", "a new long secret").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", ""), ("email", "no address"), ("role", "king"), ("language", "xx"), ("name", "x" * 81)],
)
def test_wrong_invitations_are_named_at_their_field(client, admin, field, value):
    answer = client.post(reverse("people"), {**NEW, field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in said(answer)
    assert User.objects.count() == 1


def test_known_address_is_not_invited_again_in_any_case(client, admin):
    factories.user(email="new@example.org")
    answer = client.post(reverse("people"), NEW)
    assert answer.status_code == 422
    assert "already has an account" in said(answer)


def test_account_stands_when_its_mail_cannot_be_sent(client, admin, settings):
    options = {"host": "127.0.0.1", "port": 9, "timeout": 1}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    answer = client.post(reverse("people"), NEW, follow=True)
    assert "the mail could not be sent" in said(answer)
    assert User.objects.filter(email="new@example.org").exists()


def test_link_can_be_sent_again_until_the_person_was_here(client, admin):
    person = factories.user()
    assert "Send link again" in said(client.get(reverse("people")))
    client.post(reverse("invite_again", args=[person.pk]))
    assert mail.outbox[0].to == [person.email]


def test_role_is_changed_and_counts_at_once(client, admin):
    person = factories.user()
    client.post(reverse("change_role", args=[person.pk]), {"role": "admin"})
    client.force_login(person)
    assert client.get(reverse("people")).status_code == 200


@pytest.mark.parametrize("role", ["", "king", "\x00"])
def test_unknown_roles_change_nothing(client, admin, role):
    person = factories.user()
    answer = client.post(reverse("change_role", args=[person.pk]), {"role": role}, follow=True)
    assert "Not changed" in said(answer)
    person.refresh_from_db()
    assert person.role == "reader"


def test_closed_account_is_signed_out_and_can_be_opened_again(client, admin):
    person = factories.user()
    theirs = type(client)()
    theirs.force_login(person)
    client.post(reverse("deactivate", args=[person.pk]))
    assert theirs.get(reverse("settings")).status_code == 302
    assert sign_in(theirs, person.email)["Location"] == reverse("account_inactive")
    client.post(reverse("reactivate", args=[person.pk]))
    assert sign_in(theirs, person.email)["Location"] == reverse("home")


def test_last_administrator_stays(client, admin):
    for name, data in (("change_role", {"role": "reader"}), ("deactivate", {})):
        answer = client.post(reverse(name, args=[admin.pk]), data, follow=True)
        assert "last administrator" in said(answer)
    admin.refresh_from_db()
    assert admin.is_admin


def test_one_of_two_administrators_may_go(admin):
    other = factories.admin()
    actions.deactivate(person=other)
    with pytest.raises(actions.LastAdministratorError):
        actions.change_role(person=admin, role="reader")


@pytest.mark.parametrize("who", [factories.user, factories.editor])
def test_only_administrators_see_and_change_people(client, who):
    person = factories.user()
    client.force_login(who())
    assert client.get(reverse("people")).status_code == 403
    for name in ("change_role", "invite_again", "deactivate", "reactivate"):
        assert client.post(reverse(name, args=[person.pk]), {"role": "admin"}).status_code == 403
    person.refresh_from_db()
    assert (person.role, person.is_active) == ("reader", True)


def test_strangers_are_asked_to_sign_in(client):
    answer = client.get(reverse("people"))
    assert answer["Location"].startswith(reverse("account_login"))


def test_looking_changes_nobody(client, admin):
    person = factories.user()
    for name in ("change_role", "invite_again", "deactivate", "reactivate"):
        assert client.get(reverse(name, args=[person.pk])).status_code == 405


def test_unknown_people_are_not_found(client, admin):
    for pk in (999, 10**30):
        assert client.post(f"/account/people/{pk}/role/", {"role": "admin"}).status_code == 404


def test_list_costs_the_same_at_any_length(client, admin, django_assert_max_num_queries):
    for _ in range(12):
        factories.user()
    with django_assert_max_num_queries(7):
        assert client.get(reverse("people")).status_code == 200
    assert client.get(reverse("people") + "?page=99999999999999999999").status_code == 200
