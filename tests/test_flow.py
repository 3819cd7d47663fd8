"""The straight path, with real parts: feed bytes → articles → suggestions → evidence → status → one digest mail."""

from collections import Counter
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as project
from django.core.management import call_command

from tests import factories
from tests.feedserver import FeedServer
from tests.serve_articles import feeds_of
from tests.smtpserver import SmtpServer, mailers
from tracker.digests import actions as digests
from tracker.digests import planning
from tracker.digests.following import follow
from tracker.digests.models import Digest, Subscription
from tracker.feeds import actions as feeds
from tracker.feeds import polling
from tracker.feeds.models import Article
from tracker.fetching import Fetcher, Policy
from tracker.matching import actions as matching
from tracker.matching import deciding
from tracker.matching.models import Suggestion
from tracker.multilingual import Texts
from tracker.pledges import judging
from tracker.pledges.models import Declaration, Pledge

pytestmark = pytest.mark.django_db(transaction=True)
SAMPLE = Path(__file__).parent / "samples" / "articles.jsonl"
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 6))
LANGUAGES = {"en", "fr", "kk", "ru", "zh"}


@pytest.fixture
def policy():
    """The loopback network counts as public here; everything else about fetching is as shipped."""
    with FeedServer(hosts=HOSTS) as server:
        addresses = {}
        for host, (language, document) in zip(HOSTS, feeds_of(SAMPLE).items(), strict=True):
            server.serve(f"/{language}.xml", document, "application/xml")
            addresses[language] = server.url(f"/{language}.xml", host)
        yield (
            addresses,
            Policy(
                user_agent="Followthrough tests",
                allowed_networks=(ip_network("127.0.0.0/8"),),
                allowed_ports=frozenset({server.port}),
            ),
        )


def poll(policy, now):
    made = polling.poll_due(clock=lambda: now, fetcher=Fetcher(policy), pace=0)
    return [poll for polls in made for poll in polls]


def test_from_feed_bytes_to_one_digest_mail(policy, settings, now):
    addresses, policy = policy
    with time_machine.travel(now - timedelta(days=1)):
        call_command("load_declaration", project.BASE_DIR / "fixtures" / "china-kazakhstan-2024.yaml")
    declaration = Declaration.objects.get()
    editor = factories.editor(email="editor@example.org")
    follow(user=editor, declaration=declaration, now=now)
    for language, url in addresses.items():
        feeds.add_feed(url=url, policy=policy, now=now, title=f"News in {language}", language=language)

    polls = poll(policy, now)
    assert Counter(one.outcome for one in polls) == {"new": 5}
    assert set(Article.objects.values_list("language", flat=True)) == LANGUAGES
    assert Article.objects.count() == len(SAMPLE.read_text().splitlines())
    assert {one.outcome for one in poll(policy, now + timedelta(days=2))} == {"nothing"}

    while matching.suggest(now=now) == matching.BATCH:
        pass
    waiting = Suggestion.objects.pending().select_related("article", "pledge")
    found = {(one.article.language, one.pledge.number) for one in waiting}
    assert found >= {("en", 11), ("fr", 11), ("zh", 11), ("ru", 12), ("kk", 12), ("en", 1), ("ru", 1), ("zh", 1)}
    about = {one.article.url.rpartition("/")[2] for one in waiting}
    assert not about & {"12", "13", "14", "15", "16"}  # another year, too old, another country, another matter

    tourism = Pledge.objects.get(number=11)
    accepted = [one for one in waiting if one.pledge == tourism]
    assert {one.article.language for one in accepted} == {"en", "fr", "zh"}
    evidence = [
        deciding.accept(
            suggestion=one,
            stance="fulfilled",
            kind="output",
            voice="independent",
            voice_party=None,
            note=Texts(en="The opening, as this outlet tells it."),
            by=editor,
            now=now + timedelta(hours=1),
        )
        for one in accepted
    ]
    other = waiting.exclude(pledge=tourism).first()
    deciding.dismiss(suggestion=other, reason="off_topic", by=editor, now=now + timedelta(hours=1))
    Article.objects.update(processed_at=None)
    matching.suggest(now=now)
    assert Suggestion.objects.filter(article=other.article, pledge=other.pledge).count() == 1
    draft = judging.Draft(
        pledge=tourism,
        status="partly_fulfilled",
        confidence="high",
        rationale=Texts(en="The year opened in June; its closing is not on record."),
        evidence=evidence,
        effective_on=date(2025, 6, 16),
    )
    judging.assess(draft, expected_version=tourism.version, by=editor, now=now + timedelta(hours=2))

    due = Subscription.objects.get(user=editor).next_at
    with SmtpServer() as mail_server:
        settings.MAILERS = mailers(mail_server.port, timeout=5)
        for _ in range(3):  # a tick that comes again, as after a crash, changes nothing
            planning.plan_due(now=due)
            for pk in Digest.objects.sendable(due).values_list("pk", flat=True):
                digests.send(digest_id=pk, now=due)
        (message,) = mail_server.messages
    assert mail_server.recipients == ["editor@example.org"]
    text = message.get_body(("plain",)).get_content()
    assert "Year of Chinese Tourism in Kazakhstan" in message["Subject"]
    assert "its closing is not on record" in " ".join(text.split())
    for item in evidence:
        assert text.count(item.url) <= 1
        assert " ".join(item.title.split()[:2]) in " ".join(text.split())
    assert Digest.objects.get().state == "sent"
