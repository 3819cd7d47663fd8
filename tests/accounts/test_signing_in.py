import re

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def sign_in(client, email, password=factories.PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password, **more}, follow=False)


def test_right_password_signs_in_and_goes_where_one_was_heading(client):
    person = factories.user()
    address = reverse("account_login") + "?next=/review/"
    answer = client.post(address, {"login": person.email.upper(), "password": factories.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/review/")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_foreign_address_after_sign_in_is_not_followed(client):
    person = factories.user()
    address = reverse("account_login") + "?next=https://evil.example/"
    answer = client.post(address, {"login": person.email, "password": factories.PASSWORD})
    assert "evil" not in answer["Location"]


def test_session_ends_with_the_browser_unless_one_asks_to_stay(client):
    person = factories.user()
    sign_in(client, person.email)
    assert client.session.get_expire_at_browser_close()
    client.logout()
    sign_in(client, person.email, remember="on")
    assert not client.session.get_expire_at_browser_close()


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("known@example.org", "wrong"),
        ("unknown@example.org", "wrong"),
        ("not an address", "x"),
        ("", ""),
        ("\x00", "\x00"),
    ],
)
def test_wrong_entries_stay_on_the_page(client, email, password):
    factories.user(email="known@example.org")
    answer = sign_in(client, email, password)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_known_and_unknown_addresses_get_the_same_answer(client):
    factories.user(email="known@example.org")

    def said(email):
        page = sign_in(client, email, "wrong").content.decode().replace(email, "")
        return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)

    assert said("known@example.org") == said("unknown@example.org")


def test_ten_wrong_passwords_get_a_clear_answer_and_lock_the_right_one_out_for_a_while(client):
    person = factories.user()
    pages = [sign_in(client, person.email, "wrong").content.decode() for _ in range(10)]
    assert "do not match" in pages[0]
    assert "Too many attempts" in pages[-1]
    assert "Too many attempts" in sign_in(client, person.email).content.decode()


def test_thirty_forms_a_minute_are_enough(client):
    answers = [sign_in(client, f"p{n}@example.org", "wrong") for n in range(31)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_closed_account_is_told_so_only_with_the_right_password(client):
    person = factories.user(is_active=False)
    assert "do not match" in sign_in(client, person.email, "wrong").content.decode()
    answer = sign_in(client, person.email)
    assert answer["Location"] == reverse("account_inactive")
    assert "closed" in client.get(answer["Location"]).content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_out_takes_a_post(client):
    client.force_login(factories.user())
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post(reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_nobody_can_sign_up(client):
    assert client.get("/account/signup/").status_code in (302, 404)


def link_in(message):
    return re.search(rf"{re.escape(settings.SITE_URL)}(\S+)", message.body.partition(":\n")[2])[1]


def test_forgotten_password_is_set_anew_by_a_mailed_link(client):
    person = factories.user()
    answer = client.post(reverse("account_reset_password"), {"email": person.email.upper()})
    assert answer["Location"] == reverse("account_reset_password_done")
    assert client.get(answer["Location"]).status_code == 200
    (message,) = mail.outbox
    assert message.to == [person.email]
    link = link_in(message)
    form = client.get(link, follow=True)
    assert "token" not in form.redirect_chain[-1][0]
    short = client.post(form.redirect_chain[-1][0], {"password1": "short", "password2": "short"})
    assert "too short" in short.content.decode()
    new = {"password1": "a new long secret", "password2": "a new long secret"}
    done = client.post(form.redirect_chain[-1][0], new)
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert client.get(done["Location"]).status_code == 200
    assert "no longer works" in client.get(link, follow=True).content.decode()
    assert sign_in(client, person.email, "a new long secret").status_code == 302


def test_unknown_closed_and_known_addresses_look_the_same_and_strangers_get_no_mail(client):
    factories.user(email="closed@example.org", is_active=False)
    for email in ("unknown@example.org", "closed@example.org"):
        answer = client.post(reverse("account_reset_password"), {"email": email})
        assert answer["Location"] == reverse("account_reset_password_done")
    assert mail.outbox == []


def test_mail_server_that_is_down_does_not_tell_who_has_an_account(client, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
    }
    answer = client.post(reverse("account_reset_password"), {"email": factories.user().email})
    assert answer["Location"] == reverse("account_reset_password_done")


def test_password_mails_to_one_address_are_few(client):
    person = factories.user()
    answers = [client.post(reverse("account_reset_password"), {"email": person.email}) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert len(mail.outbox) == 5


def test_password_mail_speaks_the_persons_language_and_gives_the_sites_own_address(client):
    person = factories.user(language="fr")
    client.post(reverse("account_reset_password"), {"email": person.email}, headers={"host": "127.0.0.1"})
    assert f"{settings.SITE_URL}/account/password/reset/key/" in mail.outbox[0].body


@pytest.mark.parametrize("tail", ["1-abc/", "zzzzzzzzzzzzzz-abc/", "U-K/", "1-set-password/", f"{'9' * 30}-x/"])
def test_invented_links_are_refused_in_words(client, tail):
    answer = client.get(f"/account/password/reset/key/{tail}")
    assert answer.status_code == 200
    assert "no longer works" in answer.content.decode()


def test_password_is_changed_with_the_old_one(client):
    person = factories.user()
    client.force_login(person)
    new = {"password1": "a new long secret", "password2": "a new long secret"}
    wrong = client.post(reverse("account_change_password"), {"oldpassword": "wrong", **new})
    assert "not your current password" in wrong.content.decode()
    right = client.post(reverse("account_change_password"), {"oldpassword": factories.PASSWORD, **new})
    assert right["Location"] == reverse("settings") + "#account"
    person.refresh_from_db()
    assert person.check_password("a new long secret")


def test_own_language_and_zone_rule_every_page(client):
    client.force_login(factories.user(language="fr", time_zone="Asia/Almaty"))
    assert client.get(reverse("account_change_password"))["Content-Language"] == "fr"


def test_zone_that_no_longer_exists_falls_back_to_utc(client):
    client.force_login(factories.user(time_zone="Mars/Olympus"))
    assert client.get(reverse("account_change_password")).status_code == 200
