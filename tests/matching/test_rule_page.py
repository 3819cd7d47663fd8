"""Editors write rules in the app, with the checks of the file, and nobody's rule is overwritten."""

import pytest

from tests import factories
from tests.factories import NOW
from tests.pledges.declarations import SCHEMA, SHIPPED
from tracker.matching import rematching
from tracker.matching.models import Lesson, Rematch
from tracker.matching.watching import rulebook
from tracker.pledges import editing
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Pledge

pytestmark = pytest.mark.django_db
RULE = "needs: [lake]\nconcepts:\n  lake:\n    role: what\n    weight: 0.5\n    terms:\n      en: [lake, no]\n"
PARSED = {"needs": ["lake"], "concepts": {"lake": {"role": "what", "weight": 0.5, "terms": {"en": ["lake", "no"]}}}}


@pytest.fixture
def pledge(client):
    client.force_login(factories.editor(name="Ada"))
    return factories.pledge()


def post(client, pledge, rule, revision=0):
    return client.post(f"/review/rules/{pledge.reference}/", {"rule": rule, "revision": revision})


def test_a_rule_is_written_used_and_on_record(client, pledge):
    assert post(client, pledge, RULE).status_code == 302
    pledge.refresh_from_db()
    assert pledge.watch == PARSED
    assert len(rulebook().rules) == 1
    assert (pledge.edits.get().field, pledge.edits.get().by.name) == ("watch", "Ada")
    assert (
        post(client, pledge, client.get(f"/review/rules/{pledge.reference}/").context["on_record"], 1).status_code
        == 302
    )
    assert pledge.edits.count() == 1
    assert post(client, pledge, "  ", 1).status_code == 302
    pledge.refresh_from_db()
    assert pledge.watch == {}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("needs: [", "Line"),
        ("- lake", "fields with values"),
        ("needs: [lake]", "there is no concept “lake”"),
        (RULE.replace("weight: 0.5", "weight: 5"), "Line 5, concepts.lake.weight: 5 is above 1"),
        (RULE.replace("weight: 0.5", "weight: 0.00001"), "more than four decimals"),
        (RULE.replace("role:", "rolle:"), "did you mean “role”"),
        ("needs: &a [lake]\nexcludes: *a", "write it out"),
        ("a: " * 30_000, "at most 50000"),
        ("needs: [\x01]", "Line 1"),
    ],
)
def test_what_is_wrong_is_said_by_its_line_and_the_text_kept(client, pledge, rule, message):
    answer = post(client, pledge, rule)
    assert answer.status_code == 422
    assert message in str(answer.context["form"].errors["rule"][0]).replace("&quot;", '"')
    assert answer.context["form"]["rule"].value() == rule
    assert not pledge.edits.exists()


def test_who_writes_second_sees_the_others_rule_and_keeps_the_draft(client, pledge):
    other = factories.editor(name="Bo")
    editing.edit(record=pledge, expected_revision=0, values={"watch": PARSED}, by=other, now=NOW)
    answer = post(client, pledge, RULE.replace("0.5", "0.25"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert ("Bo" in page, "weight: 0.25" in page, "weight: 0.5" in page) == (True, True, True)
    assert post(client, pledge, RULE.replace("0.5", "0.25"), 1).status_code == 302


def test_every_shipped_rule_can_be_saved_as_the_page_shows_it(client, pledge):
    load(parse(SHIPPED.read_bytes(), SCHEMA), now=NOW)
    for shipped in Pledge.objects.filter(declaration__reference="CN-KZ-2024"):
        shown = client.get(f"/review/rules/{shipped.reference}/").context["on_record"]
        assert post(client, shipped, shown).status_code == 302
        assert not shipped.edits.exists()


def test_a_pledge_without_a_rule_shows_the_draft_in_use_to_be_adopted(client):
    client.force_login(factories.editor(name="Ada"))
    pledge = factories.pledge(title={"en": "Build a railway"}, statement={"en": "A railway will join the capitals."})
    page = client.get(f"/review/rules/{pledge.reference}/")
    assert "Save it to adopt it" in page.content.decode()
    shown = page.context["form"]["rule"].value()
    assert "topic: transport" in shown
    assert not Pledge.objects.get(pk=pledge.pk).watch
    assert post(client, pledge, shown).status_code == 302
    assert Pledge.objects.get(pk=pledge.pk).watch["needs"]


def test_the_page_tells_how_far_the_look_at_stored_articles_is(client, pledge):
    post(client, pledge, RULE)
    factories.article(processed_at=NOW)
    rematching.claim(now=NOW)
    address = f"/review/rules/{pledge.reference}/"
    for page in (client.get(address), client.get("/review/rules/progress")):
        assert "0 of 1 articles" in page.content.decode()
        assert 'hx-trigger="every 3s"' in page.content.decode()
    Rematch.objects.update(finished_at=NOW, done=1, added=4)
    told = client.get("/review/rules/progress").content.decode()
    assert "4 suggestions were new" in told
    assert "hx-trigger" not in told
    assert "/review/rules/progress" in client.get("/feeds/").content.decode()


def test_the_page_tells_what_was_learned_and_switches_it_off_and_on(client, pledge):
    address = f"/review/rules/{pledge.reference}/"
    assert "it takes 20 decisions" in client.get(address).content.decode()
    Lesson.objects.create(pledge=pledge, decisions=30, accepted=12, bias=-0.4, weights={"lake": 0.2, "port": -0.9})
    page = client.get(address).content.decode()
    assert "From 30 decisions, 12 of them accepted." in page
    assert page.index("port") < page.index("lake</th>")
    for value, told in (("off", "Switched off"), ("on", "From 30 decisions")):
        answer = client.post(f"{address}learning", {"learn": value}, follow=True)
        assert told in answer.content.decode()
