"""What an article needs before it can be found and judged, and what polling does not wait for."""

from django.db import transaction

from tracker.feeds.language import language_of
from tracker.feeds.models import Article
from tracker.feeds.rows import run_for_each
from tracker.search.index import Entry, Kind, put

BATCH = 50


@transaction.atomic
def refine() -> int:
    """Tells the next raw articles' language by their letters, makes them findable, and says how many there were."""
    articles = list(Article.objects.unrefined().select_for_update(skip_locked=True)[:BATCH])
    for article in articles:
        article.language = language_of(f"{article.title} {article.text}", article.language)
    run_for_each(
        "UPDATE feeds_article SET language = %s, is_raw = %s WHERE id = %s",
        [(article.language, False, article.pk) for article in articles],
    )
    put(Kind.ARTICLE, [index_entry(article.pk, article) for article in articles])
    return len(articles)


def index_entry(pk: int, article: Article) -> Entry:
    """What an article is found by."""
    return Entry(pk, ((article.language, article.title),), ((article.language, article.text),))
