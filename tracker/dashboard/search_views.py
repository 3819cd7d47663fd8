"""Looking for words: in the pledges for everyone, in the articles for people who are signed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.dashboard.searching import COUNTED, PAGE_LENGTH, QUERY_LENGTH, search
from tracker.search.index import Kind

PAGES = COUNTED // PAGE_LENGTH


@login_not_required
@require_safe
def find(request: Request) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:QUERY_LENGTH]
    kinds = [Kind.PLEDGE, Kind.ARTICLE] if request.user.is_authenticated else [Kind.PLEDGE]
    asked_kind = request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    page = min(max(int(number), 1), PAGES) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
    if asked_kind in kinds:
        results = search(query, kinds=[Kind(asked_kind)], page=page)
    else:
        results = search(query, kinds=kinds, page=0)
    context = {"results": results, "kind": asked_kind if asked_kind in kinds else "", "counted": COUNTED}
    return render(request, "dashboard/search.html", context)
