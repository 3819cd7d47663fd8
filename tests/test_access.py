"""Who may open what: every address of the site stands in one table, and a new one without a row fails."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import factories
from tracker.digests.models import Digest, OutboxMessage
from tracker.digests.tokens import unsubscribe_path

# What answers a GET of each role: "page" 200, "door" sign-in, "no" 403, "post" 405 (only POST does something).
PUBLIC = ("page", "page", "page", "page")
READERS = ("door", "page", "page", "page")
EDITORS = ("door", "no", "page", "page")
ADMINS = ("door", "no", "no", "page")
POST_BY_READERS = ("door", "post", "post", "post")
POST_BY_EDITORS = ("door", "no", "post", "post")
POST_BY_ADMINS = ("door", "no", "no", "post")
TABLE = {
    "home": PUBLIC,
    "declaration": PUBLIC,
    "export_declaration": PUBLIC,
    "pledge": PUBLIC,
    "judgement": PUBLIC,
    "cite_declaration": PUBLIC,
    "cite_pledge": PUBLIC,
    "cite_judgement": PUBLIC,
    "methodology": PUBLIC,
    **dict.fromkeys(("search", "activity", "activity_feed"), PUBLIC),
    "healthz": PUBLIC,
    "unsubscribe": PUBLIC,
    "feeds": READERS,
    "rematch_progress": READERS,
    "settings": READERS,
    "digest_preview": READERS,
    "digest_preview_html": READERS,
    "account_change_password": READERS,
    "keep_view": POST_BY_READERS,
    "let_go_view": POST_BY_READERS,
    "follow_pledge": POST_BY_READERS,
    "follow_declaration": POST_BY_READERS,
    **dict.fromkeys(("follow_list", "follow_thing", "unfollow", "restore_address"), POST_BY_READERS),
    "digests": READERS,
    "assess": EDITORS,
    "add_evidence": EDITORS,
    **dict.fromkeys(("record", "read_date", "add_declaration", "edit_declaration", "add_party", "edit_party"), EDITORS),
    **dict.fromkeys(("add_theme", "edit_theme", "add_document", "edit_document"), EDITORS),
    **dict.fromkeys(("add_pledge", "edit_pledge", "add_milestone", "edit_milestone", "edit_rule"), EDITORS),
    **dict.fromkeys(("add_metric", "edit_metric", "add_lineage", "edit_lineage", "add_drop", "edit_drop"), EDITORS),
    "evidence_copy": EDITORS,
    "add_figure": EDITORS,
    "add_figure_file": EDITORS,
    "figures_csv": PUBLIC,
    "review": EDITORS,
    "suggestion": EDITORS,
    "suggestion_readers": EDITORS,
    "bulk_review": POST_BY_EDITORS,
    "withdraw_evidence": POST_BY_EDITORS,
    "withdraw_figure": POST_BY_EDITORS,
    "proposal": EDITORS,
    "confirm_proposal": POST_BY_EDITORS,
    "reject_proposal": POST_BY_EDITORS,
    "take_back_proposal": POST_BY_EDITORS,
    "accept_suggestion": POST_BY_EDITORS,
    "dismiss_suggestion": POST_BY_EDITORS,
    "snooze_suggestion": POST_BY_EDITORS,
    "undo_suggestion": POST_BY_EDITORS,
    "switch_learning": POST_BY_EDITORS,
    "feed": READERS,
    "export_feeds": READERS,
    "add_feed": EDITORS,
    "edit_feed": EDITORS,
    "look_for_feeds": POST_BY_EDITORS,
    "import_feeds": ("door", "no", "302", "302"),  # a GET goes to the form
    "poll_feed": POST_BY_EDITORS,
    "pause_feed": POST_BY_EDITORS,
    "resume_feed": POST_BY_EDITORS,
    "people": ADMINS,
    "outbox": ADMINS,
    "outbox_message": ADMINS,
    "outbox_message_html": ADMINS,
    "resend_digest": POST_BY_ADMINS,
    "restore_address_of": POST_BY_ADMINS,
    "change_role": POST_BY_ADMINS,
    "invite_again": POST_BY_ADMINS,
    "deactivate": POST_BY_ADMINS,
    "reactivate": POST_BY_ADMINS,
}
PROPOSALS = ("proposal", "confirm_proposal", "reject_proposal", "take_back_proposal")
# Doors of their own: what they answer depends on who comes, not on the role; their own tests look at them.
OTHER = {
    "push",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "readyz",
    "statusz",
    "digest",
    "digest_html",
}


def names(resolver=None):
    """Every named address outside Django's admin."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from names(pattern)
        elif isinstance(pattern, URLPattern):
            yield pattern.name


def real_addresses():
    """One for each name, with rows behind it."""
    pledge = factories.pledge()
    suggestion = factories.suggestion(about=pledge)
    person, feed = factories.user(), factories.feed()
    message = OutboxMessage.objects.create(
        recipient="a@example.org", subject="s", raw="Subject: s\n\nhello", created_at=factories.NOW
    )
    digest = Digest.objects.create(
        user=person,
        period_start=factories.NOW,
        period_end=factories.NOW,
        created_at=factories.NOW,
        due_at=factories.NOW,
        give_up_at=factories.NOW,
        message_id="<one@example.org>",
    )
    proposal, metric = factories.proposal(pledge), factories.metric(pledge)
    judgement = factories.assessment(pledge)
    arguments = {
        "judgement": [pledge.reference, judgement.pk],
        "cite_declaration": [pledge.declaration.slug, "bib"],
        "cite_pledge": [pledge.reference, "bib"],
        "cite_judgement": [pledge.reference, judgement.pk, "json"],
        "declaration": [pledge.declaration.slug],
        "export_declaration": [pledge.declaration.slug, "json"],
        **{f"add_{part}": [pledge.declaration.slug] for part in ("theme", "document", "pledge", "drop")},
        "edit_declaration": [pledge.declaration.slug],
        **{
            key: [pledge.reference]
            for key in ("edit_pledge", "add_milestone", "add_metric", "add_lineage", "edit_rule", "switch_learning")
        },
        "edit_party": [pledge.parties.first().code],
        "edit_theme": [pledge.theme_id],
        "edit_document": [factories.document(pledge.declaration).pk],
        "edit_metric": [metric.pk],
        "edit_lineage": [factories.lineage(pledge).pk],
        "edit_drop": [factories.lineage(pledge, relation="dropped").pk],
        "edit_milestone": [factories.milestone(pledge).pk],
        "keep_view": [pledge.declaration.slug],
        "let_go_view": [1],
        **{key: [pledge.declaration.slug] for key in ("follow_declaration", "follow_list")},
        "unfollow": [1],
        "restore_address_of": [person.pk],
        "withdraw_evidence": [factories.evidence(pledge).pk],
        "evidence_copy": [factories.evidence(pledge).pk],
        "withdraw_figure": [factories.observation(metric).pk],
        **{key: [metric.pk] for key in ("add_figure", "add_figure_file", "figures_csv")},
        **{key: [message.pk] for key in ("outbox_message", "outbox_message_html")},
        "resend_digest": [digest.pk],
        **{key: [proposal.pk] for key in PROPOSALS},
        **{key: [pledge.reference] for key in ("pledge", "assess", "add_evidence", "follow_pledge")},
        **{key: [suggestion.pk] for key in ("suggestion", "suggestion_readers")},
        **{f"{act}_suggestion": [suggestion.pk] for act in ("accept", "dismiss", "snooze", "undo")},
        **{key: [feed.pk] for key in ("feed", "edit_feed", "poll_feed", "pause_feed", "resume_feed")},
        **{key: [person.pk] for key in ("change_role", "invite_again", "deactivate", "reactivate")},
    }
    found = {name: reverse(name, args=arguments.get(name, [])) for name in TABLE if name != "unsubscribe"}
    return {**found, "unsubscribe": unsubscribe_path(person.pk)}


@pytest.fixture
def addresses(db):
    return real_addresses()


def kind(answer):
    if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")):
        return "door"
    return {200: "page", 403: "no", 405: "post"}.get(answer.status_code, str(answer.status_code))


def test_every_address_is_in_the_table():
    assert set(names()) == set(TABLE) | OTHER


@pytest.mark.parametrize("column", [0, 1, 2, 3], ids=["anonymous", "reader", "editor", "admin"])
def test_each_role_opens_what_the_table_says(client, addresses, column):
    person = [None, factories.user, factories.editor, factories.admin][column]
    if person:
        client.force_login(person())
    found = {name: kind(client.get(address)) for name, address in addresses.items()}
    assert found == {name: row[column] for name, row in TABLE.items()}


def test_readers_and_strangers_cannot_post_what_editors_and_admins_do(client, addresses):
    for person in (None, factories.user()):
        if person:
            client.force_login(person)
        for name, row in TABLE.items():
            if row[1] == "no":
                assert client.post(addresses[name]).status_code in (302, 403), name


@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_no_address_answers_methods_it_has_no_use_for(client, addresses, method):
    client.force_login(factories.admin())
    ours = {name: address for name, address in addresses.items() if not name.startswith("account_")}
    assert {name: getattr(client, method)(address).status_code for name, address in ours.items()} == dict.fromkeys(
        ours, 405
    )


def test_forms_without_the_sites_token_are_refused(addresses):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.admin())
    for name, address in addresses.items():
        expected = 200 if name == "unsubscribe" else 403
        assert client.post(address).status_code in (expected, 405), name


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"home", "methodology", "healthz"}))
def test_garbage_in_an_address_is_never_a_crash(client, addresses, name):
    client.force_login(factories.admin())
    for tail in ("?page=99999999999999999999&sort=__class__&status=%00&pledge=%00&q=" + "x" * 5000, "?page=-1&as_of=x"):
        assert client.get(addresses[name] + tail).status_code < 500
    stem = addresses[name].rstrip("/").rsplit("/", 1)[0]
    for piece in ("99999999999999999999", "%00", "%F0%9F%92%A9", "..%2f..%2f", "a" * 3000):
        assert client.get(f"{stem}/{piece}/").status_code < 500
