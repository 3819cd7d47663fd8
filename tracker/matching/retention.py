"""What is kept no longer: the texts of articles in which nothing was found, and the keys of old stories."""

from datetime import datetime, timedelta

from django.db import transaction

from tracker.feeds.models import Article, Revision
from tracker.feeds.refining import index_entry
from tracker.matching import stories
from tracker.search.index import Kind, put

BATCH = 500


@transaction.atomic
def drop_texts(*, now: datetime, kept_for: timedelta) -> int:
    """Of the next articles fetched so long ago and suggested for no pledge; says how many.

    Title, address and hash stay, so nothing comes back as new; the search goes on finding them by their titles. What
    was ever suggested keeps its text, whatever became of the suggestion.
    """
    unmatched = Article.objects.refined().filter(
        fetched_at__lt=now - kept_for,
        processed_at__isnull=False,
        text_dropped_at__isnull=True,
        suggestions__isnull=True,
    )
    articles = list(unmatched.order_by("pk").defer("text")[:BATCH])
    for article in articles:
        article.text = ""
    ids = [article.pk for article in articles]
    put(Kind.ARTICLE, [index_entry(article.pk, article) for article in articles])
    Revision.objects.filter(article__in=ids).delete()
    Article.objects.filter(pk__in=ids).update(text="", text_dropped_at=now)
    return len(articles)


def forget(*, now: datetime, kept_for: timedelta | None, batches: int) -> None:
    """One round of everything; without a time texts are kept for ever."""
    stories.forget_keys(now=now)
    if kept_for is None:
        return
    for _ in range(batches):
        if drop_texts(now=now, kept_for=kept_for) < BATCH:
            return
