"""Suggestions as a list: those that are waiting, put off or decided, with filters and an order."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.feeds.models import Article, Feed
from tracker.matching import reading
from tracker.matching.likeness import likeness
from tracker.matching.models import Suggestion
from tracker.matching.stories import story_of
from tracker.pledges.models import Pledge

PAGE_LENGTH = 50
SHOWN = (("waiting", _("Waiting")), ("snoozed", _("Put off")), ("decided", _("Decided")))
ORDERS = {
    "best": ("-score", "-id"),
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "recent": ("-decided_at", "-id"),  # of what is decided
    "soonest": ("snoozed_until", "id"),  # of what is put off
}
USUAL_ORDER = {"waiting": "best", "snoozed": "soonest", "decided": "recent"}
ORDER_NAMES = (("best", _("Best match")), ("newest", _("Newest")), ("oldest", _("Oldest")))
OWN_ORDERS = {
    "waiting": (),
    "snoozed": (("soonest", _("Soonest back")),),
    "decided": (("recent", _("Latest decision")),),
}
SCORES = ("0.90", "0.80", "0.70", "0.60")
# For how long it has been known: at most so many days, or more than a week.
AGES = (("1", _("Up to a day")), ("3", _("Up to 3 days")), ("7", _("Up to a week")), ("older", _("Over a week")))
WEEK = timedelta(days=7)
COPIES = 20  # near-copies shown beside a case


@dataclass(frozen=True)
class Filters:
    """What the address asks for; values that mean nothing are left out."""

    now: datetime
    show: str = "waiting"
    pledge: str = ""
    feed: str = ""
    language: str = ""
    score: str = ""
    age: str = ""
    sort: str = "best"

    @classmethod
    def of(cls, query: QueryDict, now: datetime) -> "Filters":
        def choice(name: str, *known: str) -> str:
            value = query.get(name, "")
            return value if value in known else ""

        def words(name: str, length: int) -> str:
            return query.get(name, "")[:length].replace("\x00", "")

        show = choice("show", "snoozed", "decided") or "waiting"
        return cls(
            now=now,
            show=show,
            pledge=words("pledge", 40),
            feed=str(_identity(query.get("feed", "")) or ""),
            language=words("language", 12),
            score=choice("score", *SCORES),
            age=choice("age", *dict(AGES)),
            sort=choice("sort", *dict(ORDER_NAMES)) or USUAL_ORDER[show],
        )

    @property
    def query(self) -> str:
        """As the tail of an address, without its defaults: `?pledge=…` or nothing."""
        usual = {"show": "waiting", "sort": USUAL_ORDER[self.show]}
        chosen = {name: value for name, value in vars(self).items() if name != "now" and value}
        chosen = {name: value for name, value in chosen.items() if usual.get(name) != value}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def narrowing(self) -> list[str]:
        """The names of the filters that leave something out."""
        return [name for name in ("pledge", "feed", "language", "score", "age") if getattr(self, name)]

    @property
    def has_rare(self) -> bool:
        """One of the filters that stand behind “More filters”."""
        return bool({"feed", "score", "age"} & {*self.narrowing})

    def found(self) -> QuerySet[Suggestion]:
        rows = {
            "waiting": lambda: Suggestion.objects.waiting(self.now),
            "snoozed": lambda: Suggestion.objects.snoozed(self.now),
            "decided": lambda: Suggestion.objects.decided().filter(decided_with__isnull=True),
        }[self.show]()
        if self.pledge:
            rows = rows.filter(pledge__reference=self.pledge)
        if self.feed:
            rows = rows.filter(article__feed=int(self.feed))
        if self.language:
            rows = rows.filter(article__language=self.language)
        if self.score:
            rows = rows.filter(score__gte=self.score)
        if self.age == "older":
            rows = rows.filter(created_at__lt=self.now - WEEK)
        elif self.age:
            rows = rows.filter(created_at__gte=self.now - timedelta(days=int(self.age)))
        return rows.order_by(*ORDERS[self.sort])

    def page(self, number: str | int | None) -> Page:
        rows = self.found().select_related("article__feed", "pledge", "decided_by")
        return Paginator(rows.defer("article__text", "reasons"), PAGE_LENGTH).get_page(number)

    def page_with(self, suggestion: Suggestion) -> int:
        """The number of the page where it stands, or would stand were it in the list."""
        behind = self._behind(suggestion)
        if behind is None:
            return 1
        return self.found().exclude(behind).exclude(pk=suggestion.pk).count() // PAGE_LENGTH + 1

    def after(self, suggestion: Suggestion, person: User) -> Suggestion | None:
        """The next case in this order that nobody else is reading; past the last one from the first on."""
        others = self.found().exclude(pk=suggestion.pk)
        free = others.exclude(pk__in=reading.by_others(person, self.now).order_by().values("suggestion"))
        behind = self._behind(suggestion)
        return (free.filter(behind).first() if behind else None) or free.first() or others.first()

    def _behind(self, suggestion: Suggestion) -> Q | None:
        """What comes after it; None where this order has no place for it."""
        name = ORDERS[self.sort][0]
        value, way = getattr(suggestion, name.removeprefix("-")), "lt" if name.startswith("-") else "gt"
        name = name.removeprefix("-")
        if value is None:
            return None
        return Q(**{f"{name}__{way}": value}) | Q(**{name: value, f"pk__{way}": suggestion.pk})


def _identity(text: str) -> int | None:
    """A row's id as it came in an address; None for what no database would take."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def identities(values: list[str]) -> list[int]:
    return [number for value in values if (number := _identity(value)) is not None][:PAGE_LENGTH]


def candidates(suggestion: Suggestion) -> list[Suggestion]:
    """This case first, then the other pledges that its article is waiting for."""
    others = Suggestion.objects.pending().filter(article=suggestion.article_id).exclude(pk=suggestion.pk)
    with_names = others.select_related("pledge__declaration")
    return [suggestion, *with_names.prefetch_related("pledge__declaration__parties")]


@dataclass(frozen=True)
class Copy:
    """Another article of the same story that was suggested for the same pledge. `percent`: how much alike they are."""

    suggestion: Suggestion
    percent: int
    is_ticked: bool


def copies(suggestion: Suggestion, ticked: Container[int] | None = None) -> list[Copy]:
    """The most alike first. `ticked`: the articles that the editor left in; None where nothing was said yet."""
    story = Article.objects.same_story(suggestion.article).values_list("pk", flat=True)
    rows = Suggestion.objects.filter(pledge=suggestion.pledge_id, article__in=list(story)).order_by("pk")
    told, found = story_of(suggestion.article), []
    for row in rows.select_related("article__feed", "decided_by")[:COPIES]:
        percent = min(100, round(100 * likeness(told, story_of(row.article))))
        found.append(Copy(row, percent, ticked is None or row.article_id in ticked))
    return sorted(found, key=lambda copy: -copy.percent)


def alike(rows: Iterable[Suggestion]) -> dict[int, int]:
    """How many pending near-copies each of these cases stands for."""
    rows = list(rows)
    near = Suggestion.objects.pending().filter(article__story__in={row.article.story_key for row in rows}).order_by()
    grouped = near.values_list("article__story", "pledge").annotate(Count("pk"))
    counted = {(story, pledge): count for story, pledge, count in grouped}
    # Where the first article is pending no more, the case is one of those that were counted.
    return {
        row.pk: counted.get((row.article.story_key, row.pledge_id), 0) - (1 if row.article.story_id else 0)
        for row in rows
    }


def choices(filters: Filters) -> dict[str, Any]:
    """What the filters offer: only pledges, feeds and languages of which the list has something."""
    rows = Filters(now=filters.now, show=filters.show).found().order_by()
    pledges = Pledge.objects.filter(pk__in=rows.values("pledge")).only("reference", "number", "title", "declaration")
    languages = rows.values_list("article__language", flat=True).distinct()
    return {
        "pledges": pledges,
        "feeds": Feed.objects.filter(pk__in=rows.values("article__feed")).only("title"),
        "languages": sorted(language for language in languages if language),
        "scores": SCORES,
        "ages": AGES,
        "orders": (*OWN_ORDERS[filters.show], *ORDER_NAMES),
    }
