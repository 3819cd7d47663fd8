"""The waiting suggestions as a list with filters and an order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.matching.models import Suggestion
from tracker.pledges.models import Pledge

PAGE_LENGTH = 50
ORDERS = {"best": ("-score", "-id"), "newest": ("-created_at", "-id")}
ORDER_NAMES = (("best", _("Best match")), ("newest", _("Newest")))


@dataclass(frozen=True)
class Filters:
    """What the address asks for; values that mean nothing are left out."""

    pledge: str = ""
    language: str = ""
    sort: str = "best"

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        sort = query.get("sort", "")
        return cls(
            pledge=query.get("pledge", "")[:40].replace("\x00", ""),
            language=query.get("language", "")[:12].replace("\x00", ""),
            sort=sort if sort in ORDERS else "best",
        )

    @property
    def query(self) -> str:
        """As the tail of an address, without its defaults: `?pledge=…` or nothing."""
        chosen = {name: value for name, value in vars(self).items() if value and value != "best"}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.pledge or self.language)

    def waiting(self) -> QuerySet[Suggestion]:
        chosen = Suggestion.objects.pending().order_by(*ORDERS[self.sort])
        if self.pledge:
            chosen = chosen.filter(pledge__reference=self.pledge)
        if self.language:
            chosen = chosen.filter(article__language=self.language)
        return chosen

    def page(self, number: str | int | None) -> Page:
        rows = self.waiting().select_related("article__feed", "pledge").defer("article__text", "reasons")
        return Paginator(rows, PAGE_LENGTH).get_page(number)

    def page_with(self, suggestion: Suggestion) -> int:
        """The number of the page where it stands, or would stand were it still waiting."""
        return self.waiting().exclude(self._behind(suggestion)).exclude(pk=suggestion.pk).count() // PAGE_LENGTH + 1

    def after(self, suggestion: Suggestion) -> Suggestion | None:
        """The next case in this order; past the last one the first again; None when nothing else waits."""
        others = self.waiting().exclude(pk=suggestion.pk)
        return others.filter(self._behind(suggestion)).first() or others.first()

    def _behind(self, suggestion: Suggestion) -> Q:
        field = ORDERS[self.sort][0].removeprefix("-")
        value = getattr(suggestion, field)
        return Q(**{f"{field}__lt": value}) | Q(**{field: value, "pk__lt": suggestion.pk})


def others(suggestion: Suggestion) -> QuerySet[Suggestion]:
    """The other pledges that the same article waits for."""
    waiting = Suggestion.objects.pending().filter(article=suggestion.article_id).exclude(pk=suggestion.pk)
    return waiting.select_related("pledge").defer("reasons")


def summary(now: datetime) -> dict[str, Any]:
    """How many wait, for how many days the oldest has, how many were decided in seven days."""
    waiting = Suggestion.objects.pending().aggregate(count=Count("pk"), oldest=Min("created_at"))
    oldest = (now - waiting["oldest"]).days if waiting["oldest"] else 0
    decided = Suggestion.objects.filter(decided_at__gt=now - timedelta(days=7)).count()
    return {"waiting": waiting["count"], "oldest_days": max(oldest, 0), "decided": decided}


def choices() -> dict[str, Any]:
    """What the filters offer: only pledges and languages of which something waits."""
    waiting = Suggestion.objects.pending()
    pledges = Pledge.objects.filter(pk__in=waiting.values("pledge")).only("reference", "number", "title", "declaration")
    languages = waiting.order_by().values_list("article__language", flat=True).distinct()
    return {
        "pledges": pledges,
        "languages": sorted(language for language in languages if language),
        "orders": ORDER_NAMES,
    }
