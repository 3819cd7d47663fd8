"""The index in the database at hand: these tests run on SQLite and on PostgreSQL, and expect the same of both."""

import pytest
from django.core.management import call_command

from tests import factories
from tracker.feeds.models import Article
from tracker.multilingual import Texts
from tracker.pledges import editing
from tracker.pledges.models import Pledge
from tracker.search.index import Entry, Kind, corrected, ids, is_empty, put
from tracker.search.tokens import asked

pytestmark = pytest.mark.django_db
ARTICLES = {
    "en": ("China, Kazakhstan open new railway crossing", "Freight trains crossed the border on Monday."),
    "fr": ("Le Kazakhstan et la Chine inaugurent une liaison ferroviaire", "Les universités ont signé un accord."),
    "ru": ("Казахстан и Китай открыли железную дорогу", "Поезда пошли через границу."),
    "kk": ("Қазақстан мен Қытай теміржол ашты", "Шекарадан пойыздар өтті."),
    "zh-Hans": ("中哈两国开通铁路口岸", "货运列车于周一通过边境。"),
}
# What is asked, and in which languages it is found: on every database.
EXPECTED = {
    "railway": {"en"},
    "railways crossing": {"en"},
    "kazakhstan": {"en", "fr"},
    "universite": {"fr"},
    "железная дорога": {"ru"},
    "поездов": {"ru"},
    "казахстан": {"ru"},
    "теміржолдар": {"kk"},
    "铁路": {"zh-Hans"},
    "路铁": set(),
    "铁": {"zh-Hans"},
    "border monday": {"en"},
    "trains railway nowhere": set(),
    "it's; DROP TABLE search_article --": set(),
    "open*": {"en"},
    "'": None,
}


@pytest.fixture
def articles():
    rows = {
        language: factories.article(title=title, text=text, language=language)
        for language, (title, text) in ARTICLES.items()
    }
    put(
        Kind.ARTICLE,
        [Entry(row.pk, ((row.language, row.title),), ((row.language, row.text),)) for row in rows.values()],
    )
    return rows


@pytest.mark.parametrize("query", EXPECTED)
def test_five_languages_find_the_same_on_every_database(articles, query):
    terms = asked(query)
    if EXPECTED[query] is None:
        assert not terms
        return
    found = Article.objects.filter(pk__in=ids(Kind.ARTICLE, terms))
    assert {row.language for row in found} == EXPECTED[query]


def test_titles_can_be_asked_alone(articles):
    found = Article.objects.filter(pk__in=ids(Kind.ARTICLE, asked("border"), in_title=True))
    assert not found.exists()


@pytest.mark.parametrize(
    ("query", "better"),
    [
        ("raliway crossing", "railway crossing"),
        ("kazahstan", "kazakhstan"),
        ("железную дорггу", "железную дорогу"),
        ("qwertyuiop", ""),
        ("railway", ""),
        ("monday", ""),
    ],
)
def test_a_mistyped_word_is_read_as_the_likest_word_of_a_title(articles, query, better):
    assert corrected(Kind.ARTICLE, query) == better


def test_words_of_one_kind_do_not_correct_another(articles):
    assert corrected(Kind.PLEDGE, "raliway") == ""


def test_a_row_put_again_is_found_by_its_new_words_only(articles):
    row = articles["en"]
    put(Kind.ARTICLE, [Entry(row.pk, (("en", "Ferry sunk"),))])
    assert not Article.objects.filter(pk__in=ids(Kind.ARTICLE, asked("railway"))).exists()
    assert Article.objects.get(pk__in=ids(Kind.ARTICLE, asked("ferries"))) == row


def test_a_pledge_is_found_as_soon_as_it_is_changed():
    pledge = factories.pledge(title=Texts(en="Plant trees", fr="Planter des arbres"))
    editing.edit(
        record=pledge,
        expected_revision=0,
        values={"title": Texts(en="Dig wells")},
        by=factories.editor(),
        now=factories.NOW,
    )
    assert Pledge.objects.get(pk__in=ids(Kind.PLEDGE, asked("well"))) == pledge
    assert not Pledge.objects.filter(pk__in=ids(Kind.PLEDGE, asked("arbre"))).exists()


def test_a_changed_theme_changes_what_finds_its_pledges():
    pledge = factories.pledge()
    values = {"title": Texts(en="Dinosaurs")}
    editing.edit(record=pledge.theme, expected_revision=0, values=values, by=factories.editor(), now=factories.NOW)
    assert Pledge.objects.get(pk__in=ids(Kind.PLEDGE, asked("dinosaur"))) == pledge


def test_the_index_is_rebuilt_from_the_rows(capsys):
    pledge, article = factories.pledge(), factories.article(title="Ferries sail")
    put(Kind.ARTICLE, [Entry(10**6, (("en", "a row that is gone"),))])
    call_command("rebuild_search")
    assert capsys.readouterr().out == "1 pledges, 1 articles in the index.\n"
    assert Pledge.objects.get(pk__in=ids(Kind.PLEDGE, asked(pledge.reference))) == pledge
    assert Article.objects.get(pk__in=ids(Kind.ARTICLE, asked("ferry"))) == article


def test_an_empty_index_says_so(articles):
    assert is_empty(Kind.PLEDGE)
    assert not is_empty(Kind.ARTICLE)
