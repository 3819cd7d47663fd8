"""What polling leaves for later."""

import pytest

from tests import factories
from tracker.feeds.models import Article
from tracker.feeds.refining import BATCH, refine
from tracker.search.index import Kind, ids
from tracker.search.tokens import asked

pytestmark = pytest.mark.django_db


def raw(title, language="en"):
    return factories.article(title=title, text="", language=language, is_raw=True)


def test_a_raw_article_gets_the_language_of_its_letters_and_is_found():
    article = raw("Паром затонул в Каспийском море")
    assert refine() == 1
    article.refresh_from_db()
    assert (article.language, article.is_raw) == ("ru", False)
    assert article in Article.objects.filter(pk__in=ids(Kind.ARTICLE, asked("паром")))


def test_each_is_refined_once_and_batch_by_batch():
    for number in range(BATCH + 1):
        raw(f"Ferry {number}")
    assert [refine(), refine(), refine()] == [BATCH, 1, 0]
