"""What a search finds: pledges for everyone, articles for people who are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from tracker.feeds.models import Article
from tracker.pledges.models import Pledge
from tracker.search.excerpts import Pieces, excerpt, marked
from tracker.search.index import Kind, corrected, ids
from tracker.search.tokens import Term, asked

COUNTED = 1000  # beyond, a reader needs more words rather than a figure
SHOWN = 10
PAGE_LENGTH = 25
QUERY_LENGTH = 120


@dataclass(frozen=True)
class Hit:
    row: Any
    title: Pieces
    language: str
    excerpt: Pieces


@dataclass(frozen=True)
class Section:
    """One kind of results. `count` is at most `COUNTED + 1`."""

    kind: Kind
    count: int
    hits: list[Hit]
    number: int
    has_next: bool

    @property
    def is_many(self) -> bool:
        return self.count > COUNTED

    @property
    def is_cut(self) -> bool:
        return self.number == 0 and self.count > len(self.hits)


@dataclass(frozen=True)
class Results:
    """`instead` is what was looked for because nothing had the words as they were typed."""

    query: str
    sections: list[Section]
    instead: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(section.count for section in self.sections)


def search(query: str, *, kinds: Sequence[Kind], page: int) -> Results:
    """Page 0 is the beginning of every kind; else that page of the one kind."""
    terms = asked(query)
    if not terms:
        return Results(query, [])
    found = Results(query, [_section(kind, terms, page) for kind in kinds])
    if found.is_empty and (instead := next((said for kind in kinds if (said := corrected(kind, query))), "")):
        return Results(query, [_section(kind, asked(instead), page) for kind in kinds], instead)
    return found


def _section(kind: Kind, terms: Sequence[Term], page: int) -> Section:
    rows: Any = _pledges(terms) if kind == Kind.PLEDGE else _articles(terms)
    hit: Any = _pledge_hit if kind == Kind.PLEDGE else _article_hit
    count = rows.order_by()[: COUNTED + 1].count()
    length = PAGE_LENGTH if page else SHOWN
    start = (page - 1) * length if page else 0
    shown = list(rows[start : start + length + 1]) if start < count else []
    return Section(kind, count, [hit(row, terms) for row in shown[:length]], page, len(shown) > length)


def _pledges(terms: Sequence[Term]) -> QuerySet[Pledge]:
    """Those whose title says it come first."""
    says_it = When(pk__in=ids(Kind.PLEDGE, terms, in_title=True), then=Value(0))
    found = Pledge.objects.filter(pk__in=ids(Kind.PLEDGE, terms)).annotate(place=Case(says_it, default=Value(1)))
    return found.select_related("declaration", "theme").defer("watch").order_by("place", "declaration_id", "number")


def _articles(terms: Sequence[Term]) -> QuerySet[Article]:
    """The newest first, by when they came in."""
    return Article.objects.filter(pk__in=ids(Kind.ARTICLE, terms)).select_related("feed").order_by("-pk")


def _pledge_hit(pledge: Pledge, terms: Sequence[Term]) -> Hit:
    own = pledge.title.language
    others = [(tag, text) for tag, text in pledge.title.items() if tag != own]
    statements = sorted(pledge.statement.items(), key=lambda item: item[0] != own)
    texts = [*statements, *others, *pledge.criterion.items()]
    return Hit(pledge, marked(str(pledge.title), own, terms), *excerpt(texts, terms))


def _article_hit(article: Article, terms: Sequence[Term]) -> Hit:
    tag = article.language
    return Hit(article, marked(article.title, tag, terms), *excerpt([(tag, article.text)], terms))
