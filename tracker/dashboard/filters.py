"""What the address of the list of pledges asks for: search, filters, order, page."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.dashboard.census import NEAR_DAYS, Census
from tracker.dashboard.ledger import Line
from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.models import Declaration, Pledge, Status
from tracker.search.index import Kind, ids
from tracker.search.tokens import asked

PAGE_LENGTH = 50
_STATUS_ORDER = {code: place for place, code in enumerate(Status.values)}
DUE = {
    "overdue": (_("Overdue"), lambda line: "overdue" in line.flags),
    "due_soon": (_("Due soon"), lambda line: "due_soon" in line.flags),
    "near": (_("Due in 90 days"), lambda line: _is_open_for(line, NEAR_DAYS)),
    "stale": (_("Stale"), lambda line: "stale" in line.flags),
    "dated": (_("With a date"), lambda line: line.pledge.due_latest is not None),
    "none": (_("No date"), lambda line: line.pledge.due_latest is None),
}
SORTS: dict[str, tuple[Any, Callable[[Line], Any]]] = {
    "theme": (_("Theme"), lambda line: (line.pledge.theme.place, line.pledge.number)),
    "number": (_("Number"), lambda line: line.pledge.number),
    "status": (_("Status"), lambda line: (_STATUS_ORDER[line.pledge.status], line.pledge.number)),
    "due": (_("Due date"), lambda line: (line.pledge.due_latest or date.max, line.pledge.number)),
    "latest": (_("Latest evidence"), lambda line: _newest_first(line)),
}
# The same for the database.
ORDERS: dict[str, list[Any]] = {
    "theme": ["theme__position", "theme__slug"],
    "number": [],
    "status": [Case(*(When(status=code, then=Value(place)) for code, place in _STATUS_ORDER.items()))],
    "due": [F("due_latest").asc(nulls_last=True)],
    "latest": [F("latest_evidence_on").desc(nulls_last=True)],
}
VIEWS = {
    "attention": (_("Needs a decision"), lambda line: bool(line.flags or line.waiting)),
    "unjudged": (_("Not assessed"), lambda line: line.pledge.status == Status.NOT_ASSESSED),
}


def _newest_first(line: Line) -> tuple[int, int]:
    return -line.latest.published_on.toordinal() if line.latest else 0, line.pledge.number


def _is_open_for(line: Line, days: int) -> bool:
    return line.timeliness.code in ("due_soon", "not_yet_due") and (line.timeliness.days or 0) <= days


def folded(text: str) -> str:
    """Without case and accents, so that `electricite` finds `Électricité`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Filters:
    """Values that mean nothing are left out, so any address gives a page. `as_of` is a day whose record is shown."""

    q: str = ""
    status: str = ""
    party: str = ""
    theme: str = ""
    due: str = ""
    view: str = ""
    sort: str = "theme"
    as_of: str = ""

    @classmethod
    def of(cls, query: QueryDict, as_of: AsOf = NOW) -> "Filters":
        def known(name: str, values: Iterable[str], default: str = "") -> str:
            value = query.get(name, "")
            return value if value in values else default

        return cls(
            q=query.get("q", "").replace("\x00", "").strip()[:120],
            status=known("status", Status.values),
            party=query.get("party", "")[:20],
            theme=query.get("theme", "")[:60],
            due=known("due", DUE),
            view=known("view", (*VIEWS, "followed")),
            sort=known("sort", SORTS, "theme"),
            as_of=str(as_of.day or ""),
        )

    @property
    def query(self) -> str:
        """As the tail of an address, without defaults."""
        chosen = {name: value for name, value in vars(self).items() if value and (name, value) != ("sort", "theme")}
        return f"?{urlencode(chosen)}" if chosen else "?"

    @property
    def is_narrow(self) -> bool:
        return any(value for name, value in vars(self).items() if name not in ("sort", "as_of"))

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Name and value of each, as hidden fields of a form."""
        return [(name, value) for name, value in vars(self).items() if value and name != "as_of"]

    def applied(
        self, pledges: QuerySet[Pledge], where: dict[str, Q], waiting: QuerySet[Any], followed: set[int]
    ) -> QuerySet[Pledge]:
        """Today's pledges that it leaves, in its order. `waiting`: ids of pledges for which articles wait."""
        if self.status:
            pledges = pledges.filter(status=self.status)
        if self.party:
            pledges = pledges.filter(pk__in=Pledge.objects.filter(parties__code=self.party).order_by().values("pk"))
        if self.theme:
            pledges = pledges.filter(theme__slug=self.theme)
        if self.due:
            pledges = pledges.filter(where[self.due])
        if self.view == "followed":
            pledges = pledges.filter(pk__in=followed)
        elif self.view == "unjudged":
            pledges = pledges.filter(status=Status.NOT_ASSESSED)
        elif self.view:
            pledges = pledges.filter(where["overdue"] | where["due_soon"] | where["stale"] | Q(pk__in=waiting))
        if self.q:
            terms = asked(self.q)
            pledges = pledges.filter(pk__in=ids(Kind.PLEDGE, terms)) if terms else pledges.none()
        return pledges.order_by(*ORDERS[self.sort], "number")

    def narrow(self, lines: Iterable[Line], followed: set[int]) -> list[Line]:
        tests = list(self._tests(followed))
        chosen = [line for line in lines if all(test(line) for test in tests)]
        return sorted(chosen, key=SORTS[self.sort][1])

    def _tests(self, followed: set[int]) -> Iterable[Callable[[Line], bool]]:
        if self.status:
            yield lambda line: line.pledge.status == self.status
        if self.party:
            yield lambda line: any(party.code == self.party for party in line.pledge.parties.all())
        if self.theme:
            yield lambda line: line.pledge.theme.slug == self.theme
        if self.due:
            yield DUE[self.due][1]
        if self.view == "followed":
            yield lambda line: line.pledge.pk in followed
        elif self.view:
            yield VIEWS[self.view][1]
        for word in folded(self.q).split():
            yield lambda line, word=word: word in _haystack(line)  # type: ignore[misc]


def _haystack(line: Line) -> str:
    pledge = line.pledge
    texts = (pledge.title, pledge.statement, pledge.criterion, pledge.theme.title, pledge.due_words)
    written = [text for texts_of in texts for text in texts_of.values()]
    return folded(" ".join([pledge.code, pledge.reference, *written]))


def page(found: Sequence[int], number: Any) -> Page:
    """Of ids."""
    return Paginator(found, PAGE_LENGTH).get_page(number)


@dataclass(frozen=True)
class Option:
    """Something the reader may choose: its value, its words, and how many pledges it leaves."""

    value: str
    label: Any
    count: int = 0


def choices(declaration: Declaration) -> dict[str, list[Option]]:
    themes = sorted(declaration.themes.all(), key=lambda theme: theme.place)
    return {
        "status": [Option(code, label) for code, label in Status.choices],
        "party": [Option(party.code, party) for party in declaration.parties.all()],
        "theme": [Option(theme.slug, theme) for theme in themes],
        "due": [Option(value, label) for value, (label, _test) in DUE.items()],
        "sort": [Option(value, label) for value, (label, _key) in SORTS.items()],
    }


@dataclass(frozen=True)
class Chip:
    """One chosen filter in words, and the list's address without it."""

    label: Any
    query: str


def chips(chosen: Filters, offered: dict[str, list[Option]]) -> list[Chip]:
    labels: dict[str, Any] = {"q": f"“{chosen.q}”"} if chosen.q else {}
    if chosen.view:
        labels["view"] = _("I follow") if chosen.view == "followed" else VIEWS[chosen.view][0]
    for name in ("status", "party", "theme", "due"):
        if value := getattr(chosen, name):
            labels[name] = next((option.label for option in offered[name] if option.value == value), value)
    return [Chip(label, replace(chosen, **{name: ""}).query.rstrip("?")) for name, label in labels.items()]


def views(census: Census, otherwise_quiet: int, followed: set[int] | None) -> list[Option]:
    """Ready-made filters beside the list; `followed` is None for someone who is not signed in.

    `otherwise_quiet`: pledges that need a decision only because articles wait.
    """
    counts = {"attention": census.flagged + otherwise_quiet, "unjudged": census.statuses[Status.NOT_ASSESSED]}
    found = [Option("", _("All pledges"), census.total)]
    found += [Option(value, label, counts[value]) for value, (label, _test) in VIEWS.items()]
    if followed is not None:
        found.append(Option("followed", _("I follow"), len(followed)))
    return found


def sorts(chosen: Filters) -> dict[str, str]:
    """The address of the list in each order, the other choices kept."""
    return {value: replace(chosen, sort=value).query for value in SORTS}
