"""New articles that repeat an earlier one are put under it: the same story, told once more."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Max

from tracker.feeds.models import Article
from tracker.matching import likeness
from tracker.matching.models import StoryKey
from tracker.search.text import language_of

# Bounds of one batch, whatever stands in the table: keys looked through, keys met, elders compared per newcomer.
KEYS_BACK = 200_000
KEYS_MET = 20_000
COMPARED = 10
KEPT = timedelta(days=2 * likeness.WINDOW_DAYS)


def leave_keys(articles: Iterable[Article]) -> None:
    """Makes them findable. To be committed before anyone groups: of two workers, the later one sees the other's."""
    StoryKey.objects.bulk_create(
        [StoryKey(article=article, key=key) for article in articles for key in likeness.keys(story_of(article))],
        ignore_conflicts=True,
    )


def group(articles: Iterable[Article]) -> int:
    """Gives each the story of the earlier article it repeats, if any; says how many. Safe to repeat."""
    newcomers = {article.pk: article for article in sorted(articles, key=lambda article: article.pk)}
    candidates = _candidates(newcomers)
    elders = Article.objects.in_bulk({pk for found in candidates.values() for pk in found}) | newcomers
    grouped = []
    for pk, article in newcomers.items():
        compared = ((elder, story_of(elders[elder])) for elder in candidates[pk] if elder in elders)
        if (nearest := likeness.nearest(story_of(article), compared)) is not None:
            article.story_id = elders[nearest].story_id or nearest
            grouped.append(article)
    Article.objects.bulk_update(grouped, ["story"])
    return len(grouped)


def forget_keys(*, now: datetime) -> int:
    """Drops the keys of articles too old to be repeated; the stories stay."""
    return StoryKey.objects.filter(article__fetched_at__lt=now - KEPT).delete()[0]


def story_of(article: Article) -> likeness.Story:
    return likeness.story(
        article.title,
        article.text,
        language_of(article.language, article.title),
        outlet=urlsplit(article.canonical_url).hostname or "",
        day=article.dated_at.astimezone(UTC).date(),
    )


def _candidates(newcomers: Mapping[int, Article]) -> dict[int, list[int]]:
    """For each newcomer the earlier articles that share most of its keys; a key that many have says little."""
    own = {pk: set(likeness.keys(story_of(article))) for pk, article in newcomers.items()}
    newest = StoryKey.objects.aggregate(newest=Max("pk"))["newest"] or 0
    met = StoryKey.objects.filter(key__in=set().union(*own.values()), pk__gt=newest - KEYS_BACK)
    holders: dict[int, list[int]] = defaultdict(list)
    for key, article_id in met.order_by("-pk").values_list("key", "article_id")[:KEYS_MET]:
        holders[key].append(article_id)
    found = {}
    for pk, keys in own.items():
        weights: Counter[int] = Counter()
        for key in keys:
            for elder in holders[key]:
                if elder < pk:
                    weights[elder] += 1 / len(holders[key])  # type: ignore[assignment]
        found[pk] = [elder for elder, _weight in weights.most_common(COMPARED)]
    return found
