"""Plain functions that make one valid row each; every keyword can be given."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from tracker.accounts.models import Role, User
from tracker.digests.models import Digest, DigestBody, Follow, Subscription
from tracker.feeds.models import Article, Feed
from tracker.feeds.refining import index_entry
from tracker.matching.models import Suggestion
from tracker.multilingual import Texts
from tracker.pledges.indexing import index
from tracker.pledges.latest import refresh_latest
from tracker.pledges.models import (
    Assessment,
    Declaration,
    Document,
    Evidence,
    Lineage,
    Metric,
    Milestone,
    Observation,
    Party,
    Pledge,
    Proposal,
    Theme,
)
from tracker.search.index import Kind, put

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
_numbers = count(1)


def user(**fields: Any) -> User:
    n = next(_numbers)
    password = fields.pop("password", PASSWORD)
    return User.objects.create_user(fields.pop("email", f"person{n}@example.org"), password, **fields)


def editor(**fields: Any) -> User:
    return user(**{"role": Role.EDITOR, "name": "Test Editor", **fields})


def admin(**fields: Any) -> User:
    return user(**{"role": Role.ADMIN, **fields})


def party(code: str = "CHN", territory: str = "CN") -> Party:
    return Party.objects.get_or_create(code=code, defaults={"territory": territory})[0]


def declaration(**fields: Any) -> Declaration:
    n = next(_numbers)
    parties = fields.pop("parties", None) or [party("CHN", "CN"), party("KAZ", "KZ")]
    made = Declaration.objects.create(
        **{
            "slug": f"declaration-{n}",
            "reference": f"XX-{n}",
            "title": Texts(en="Lakes declaration", fr="Déclaration des lacs"),
            "signed_on": date(2024, 7, 3),
            **fields,
        }
    )
    made.parties.set(parties)
    return made


def theme(of: Declaration, **fields: Any) -> Theme:
    n = next(_numbers)
    return Theme.objects.create(
        declaration=of, **{"slug": f"theme-{n}", "title": Texts(en="Water", fr="Eau"), **fields}
    )


def document(of: Declaration, **fields: Any) -> Document:
    n = next(_numbers)
    return Document.objects.create(
        declaration=of, **{"key": f"text-{n}", "title": Texts(en="The text"), "publisher": "Lake Courier", **fields}
    )


def pledge(of: Declaration | None = None, **fields: Any) -> Pledge:
    of = of or declaration()
    parties = fields.pop("parties", None) or list(of.parties.all())
    number = fields.pop("number", None) or of.pledges.count() + 1
    made = Pledge.objects.create(
        declaration=of,
        number=number,
        **{
            "reference": f"{of.reference}-{number:02d}",
            "slug": f"pledge-{number}",
            "title": Texts(en=f"Clean lake {number}", fr=f"Nettoyer le lac {number}"),
            "statement": Texts(en="The parties will clean the lake.", fr="Les parties nettoieront le lac."),
            "theme": fields.pop("theme", None) or of.themes.first() or theme(of),
            **fields,
        },
    )
    made.parties.set(parties)
    index([made])
    return made


def milestone(of: Pledge, **fields: Any) -> Milestone:
    n = next(_numbers)
    return Milestone.objects.create(pledge=of, **{"key": f"step-{n}", "title": Texts(en="Dredgers arrive"), **fields})


def lineage(earlier: Pledge, later: Pledge | None = None, **fields: Any) -> Lineage:
    """The earlier pledge taken up by the later one; without a declaration, of one signed two years on."""
    declaring = (
        fields.pop("declaration", None) or (later and later.declaration) or declaration(signed_on=date(2026, 7, 3))
    )
    if not later and fields.get("relation") != "dropped":
        later = pledge(declaring)
    return Lineage.objects.create(
        earlier=earlier, later=later, declaration=declaring, **{"relation": "strengthened", **fields}
    )


def evidence(of: Pledge, **fields: Any) -> Evidence:
    n = next(_numbers)
    made = Evidence.objects.create(
        pledge=of,
        **{
            "url": f"https://news.example.org/{n}",
            "title": f"Dredgers reach the lake ({n})",
            "publisher": "Lake Courier",
            "language": "en",
            "published_edtf": "2026-11-20",
            "published_on": date(2026, 11, 20),
            "stance": "progress",
            "kind": "action",
            "voice": "independent",
            "added_at": NOW,
            **fields,
        },
    )
    refresh_latest(Pledge.objects.filter(pk=of.pk))
    return made


def assessment(of: Pledge, **fields: Any) -> Assessment:
    """A judgement as `judging.assess` would leave it, with the pledge moved on too."""
    cited = fields.pop("evidence", [])
    status = fields.pop("status", "in_progress")
    party = fields.pop("party", None)
    standing = of.assessments.filter(party=party).first()
    made = Assessment.objects.create(
        pledge=of,
        party=party,
        status=status,
        previous_status=standing.status if standing else "not_assessed",
        evidence_count=len(cited),
        **{
            "rationale": Texts(en="Dredging began in May."),
            "effective_on": date(2026, 5, 1),
            "recorded_at": NOW,
            "recorded_by": fields.pop("recorded_by", None) or editor(),
            **fields,
        },
    )
    made.evidence.set(cited)
    of.status, of.version = of.status if party else status, of.version + 1
    of.save(update_fields=("status", "version"))
    return made


def proposal(of: Pledge, **fields: Any) -> Proposal:
    """A judgement that waits, as `judging.propose` would leave it."""
    cited = fields.pop("evidence", [])
    made = Proposal.objects.create(
        pledge=of,
        **{
            "status": "in_progress",
            "rationale": Texts(en="Dredging began in May."),
            "effective_on": date(2026, 5, 1),
            "based_on": of.assessments.filter(party=fields.get("party")).first(),
            "proposed_at": NOW,
            "proposed_by": fields.pop("proposed_by", None) or editor(),
            **fields,
        },
    )
    made.evidence.set(cited)
    return made


def metric(of: Pledge, **fields: Any) -> Metric:
    n = next(_numbers)
    return Metric.objects.create(
        pledge=of, **{"key": f"metric-{n}", "name": Texts(en="Depth"), "unit": Texts(en="m"), **fields}
    )


def observation(of: Metric, **fields: Any) -> Observation:
    year = 1000 + next(_numbers) % 9000
    return Observation.objects.create(
        metric=of,
        **{
            "period_edtf": str(year),
            "period_latest": date(year, 12, 31),
            "value": 2,
            "publisher": "Lake Office",
            "added_at": NOW,
            **fields,
        },
    )


def feed(**fields: Any) -> Feed:
    n = next(_numbers)
    return Feed.objects.create(
        **{
            "url": f"https://feeds{n}.example.org/rss",
            "host": f"feeds{n}.example.org",
            "title": f"Lake Courier {n}",
            "language": "en",
            "created_at": NOW,
            "next_poll_at": NOW,
            **fields,
        }
    )


def article(of: Feed | None = None, **fields: Any) -> Article:
    n = next(_numbers)
    url = fields.pop("url", f"https://news.example.org/a/{n}")
    made = Article.objects.create(
        feed=of or feed(),
        url=url,
        **{
            "canonical_url": url,
            "canonical_hash": f"{n:064d}",
            "title": f"Dredgers reach the lake ({n})",
            "text": "Two dredgers began work on the lake on Monday.",
            "language": "en",
            "published_at": NOW,
            "fetched_at": NOW,
            **fields,
        },
    )
    put(Kind.ARTICLE, [index_entry(made.pk, made)])
    return made


def suggestion(of: Article | None = None, about: Pledge | None = None, **fields: Any) -> Suggestion:
    return Suggestion.objects.create(
        article=of or article(),
        pledge=about or pledge(),
        **{
            "score": "0.70",
            "reasons": [
                {"concept": "lake", "role": "what", "terms": [{"text": "lake", "where": "title"}], "points": 0.5},
                {"concept": "parties", "role": "who", "terms": [{"text": "dredgers", "where": "text"}], "points": 0.2},
            ],
            "created_at": NOW,
            **fields,
        },
    )


def follow(
    by: User, *things: Pledge | Declaration | Theme | Party, since: datetime = NOW, **chosen: Any
) -> Subscription:
    """A person who follows these things, mailed daily at eight; the digest after `since` is due the next morning."""
    for thing in things:
        Follow.objects.create(user=by, **{type(thing).__name__.lower(): thing, "created_at": since})
    fields = {
        "frequency": "daily",
        "begins_at": since,
        "covered_until": since,
        "next_at": since + timedelta(hours=23),
        **chosen,
    }
    return Subscription.objects.create(user=by, **fields)


def digest(to: User, *, text: str = "Text.", html: str = "<p>HTML", **fields: Any) -> Digest:
    """Planned just now, for a day that ends now."""
    made = Digest.objects.create(
        user=to,
        **{
            "period_start": NOW - timedelta(days=1),
            "period_end": NOW,
            "subject": "“Lake” fulfilled",
            "message_id": f"<digest.{next(_numbers)}@127.0.0.1>",
            "created_at": NOW,
            "due_at": NOW,
            "give_up_at": NOW + timedelta(days=1),
            **fields,
        },
    )
    DigestBody.objects.create(digest=made, text=text, html=html)
    return made
