"""French is whole: every word of the product is in the catalogue, and no page or mail falls back to English."""

import io
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext
from django.utils.translation.template import templatize

from tests import factories
from tracker.digests.composing import compose
from tracker.digests.gathering import gather
from tracker.digests.models import OutboxMessage
from tracker.digests.plain import wrap
from tracker.feeds.models import Poll
from tracker.multilingual import Texts
from tracker.pledges import editing
from tracker.pledges.models import EvidenceCopy

NOW = factories.NOW
CATALOGUE = settings.BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>")
# Words that every longer English sentence of ours holds one of, and that no French one does.
ENGLISH = re.compile(
    r"\b(?:the|of|and|to|by|with|this|that|your?|not|is|are|was|were|has|have|from|yet|when|what|which|each|every|any"
    r"|pledges?(?!/)|evidence|(?<!JSON )feeds?|due|overdue|stale|status|settings|outbox|people|reader|review|digest"
    r"|waits?|sign(?:ed)? (?:in|out)|mails?|judged?|follow(?:ing|ers)?|fulfilled|search|password|next|previous|method"
    r"|theme|party|needs(?!, concepts)|latest|newest|accept|reject|skip|undo|save|cancel|withdraw)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr")


def forms_of(text):
    return (text,) if isinstance(text, str) else tuple(text)


def entries(catalogue):
    return [message for message in catalogue if message.id]


def words_of(catalogue):
    """(context, English forms) → French forms."""
    words = {}
    for message in entries(catalogue):
        context = message.context.decode() if isinstance(message.context, bytes) else message.context
        words[context, forms_of(message.id)] = forms_of(message.string)
    return words


def test_every_entry_is_translated_and_none_is_left_over(catalogue):
    wanting = [message.id for message in entries(catalogue) if message.fuzzy or not all(forms_of(message.string))]
    assert not wanting
    assert not catalogue.obsolete


def test_placeholders_and_tags_are_those_of_the_english_text(catalogue):
    for message in entries(catalogue):
        wanted = [sorted(PLACEHOLDER.findall(text)) for text in forms_of(message.id)]
        said = [sorted(PLACEHOLDER.findall(text)) for text in forms_of(message.string)]
        assert said[-1] == wanted[-1], message.id
        assert said[0] in wanted, message.id


def test_line_breaks_and_spaces_at_the_ends_stay(catalogue):
    for message in entries(catalogue):
        for text, said in zip(forms_of(message.id), forms_of(message.string), strict=True):
            assert (said[:1].isspace(), said[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace()), text
            assert said.count("\n") == text.count("\n"), text


def test_signs_are_set_as_french_sets_them(catalogue):
    """Typographic apostrophes, guillemets, and a space that does not break before a high sign."""
    wrong = re.compile(r"'|[“”]|\.\.\.| [:;!?»]|« |[^\s\xa0][;!?»]|«[^\xa0]|\w:\s")
    found = [text for message in entries(catalogue) for text in forms_of(message.string) if wrong.search(text)]
    assert not found


def test_none_and_one_take_the_singular():
    with translation.override("fr"):
        said = [ngettext("%(count)d pledge", "%(count)d pledges", count) % {"count": count} for count in (0, 1, 2)]
    assert said == ["0 engagement", "1 engagement", "2 engagements"]


def test_compiled_catalogue_is_in_step_with_its_source(catalogue):
    """So a machine without gettext's tools serves the same words."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = words_of(read_mo(file))
    assert compiled == words_of(catalogue)


def marked_in(path):
    """The (context, forms) pairs that a module or template marks for translation."""
    source = path.read_text()
    if path.suffix != ".py":
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)  # a template's indents mean nothing to Python
    for _line, function, text, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {}):
        places, texts = KEYWORDS[function] or (1,), forms_of(text)
        context = next((texts[place[0] - 1] for place in places if isinstance(place, tuple)), None)
        yield context, tuple(texts[place - 1] for place in places if isinstance(place, int))


def test_catalogue_holds_every_marked_text_and_no_other(catalogue):
    """When this fails: docs/translating.md names the two commands."""
    sources = [path for folder in ("tracker", "config") for path in (settings.BASE_DIR / folder).rglob("*.py")]
    sources += [path for path in (settings.BASE_DIR / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    marked = {pair for path in sources for pair in marked_in(Path(path))}
    # gettext keeps one entry for a text that is used both alone and with a plural.
    plurals = {(context, forms[:1]) for context, forms in marked if len(forms) > 1}
    assert marked - plurals == words_of(catalogue).keys()


class Words(HTMLParser):
    """What a reader sees or hears of a page, save what is marked as being in another language."""

    VOID = ("br", "hr", "img", "input", "link", "meta", "use", "path", "rect", "line", "circle", "polyline")
    SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-copied", "data-l")

    def __init__(self, page):
        super().__init__()
        self.open, self.said = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_foreign = (given.get("lang") or "fr") != "fr" or tag in ("script", "style", "pre")
        if not self.is_foreign and not is_foreign:
            self.said += [given[name] for name in self.SPOKEN if given.get(name)]
        if tag not in self.VOID:
            self.open.append((tag, is_foreign))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not self.is_foreign:
            self.said.append(" ".join(data.split()))

    @property
    def is_foreign(self):
        return any(is_foreign for _tag, is_foreign in self.open)


def english_in(response):
    return [said for said in Words(response.content.decode()).said if ENGLISH.search(said)]


@pytest.fixture
def record(db):
    """One of everything, told in French, so that whatever is English came from us."""
    declaration = factories.declaration(title=Texts(fr="Déclaration des lacs"))
    french = {"language": "fr", "title": "La drague atteint le lac"}
    feed = factories.feed(title="Courrier du lac", error_code="timeout", failure_count=3, failing_since=NOW)
    Poll.objects.create(feed=feed, polled_at=NOW, outcome="new")
    for number, code in enumerate(("fulfilled", "partly_fulfilled", "in_progress", "stalled"), 1):
        pledge = factories.pledge(declaration, number=number, due_edtf="2025", due_latest=date(2025, 12, 31))
        link = factories.evidence(pledge, publisher="Courrier du lac", note=Texts(fr="Une note."), **french)
        factories.assessment(pledge, status=code, rationale=Texts(fr="Le dragage a commencé."), evidence=[link])
        article = factories.article(feed, text="Deux dragues sont au travail.", **french)
        reasons = [{"concept": "lac", "role": "what", "terms": [{"text": "lac", "where": "title"}], "points": 0.7}]
        factories.suggestion(article, pledge, reasons=reasons)
    return declaration


@pytest.fixture
def person(record, client):
    """An administrator who reads French, signed in."""
    person = factories.admin(name="Anna Serikova", language="fr")
    factories.follow(person, record)
    OutboxMessage.objects.create(recipient="a@example.org", subject="Synthèse", raw="x", created_at=NOW)
    client.force_login(person)
    return person


PUBLIC = ["/", "/?q=lac", "/declarations/{slug}/", "/pledges/{reference}/", "/methodology/", "/account/login/", "/no/"]
PUBLIC += ["/account/password/reset/", "/account/password/reset/done/", "/account/inactive/", "/unsubscribe/x/"]
SIGNED_IN = ["/review/", "/feeds/", "/settings/", "/outbox/", "/outbox/?show=digests", "/account/people/", "/digest/"]
SIGNED_IN += ["/pledges/{reference}/status/", "/pledges/{reference}/evidence/", "/account/password/change/"]


def address_of(page, record):
    return page.format(slug=record.slug, reference=record.pledges.get(number=1).reference)


@pytest.mark.parametrize("page", PUBLIC)
def test_public_page_is_french_to_a_french_browser(client, record, page):
    assert not english_in(client.get(address_of(page, record), headers={"accept-language": "fr"}))


@pytest.mark.parametrize("page", PUBLIC[:5] + SIGNED_IN)
def test_page_is_french_to_a_person_who_chose_french(client, record, person, page):
    response = client.get(address_of(page, record), headers={"accept-language": "en"})
    assert response.status_code == 200
    assert not english_in(response)


@pytest.mark.parametrize("page", ["/pledges/{reference}/status/", "/pledges/{reference}/evidence/", "/feeds/add/"])
def test_complaints_of_a_form_are_french(client, record, person, page):
    response = client.post(address_of(page, record), {"url": "ftp://x.example.org/", "language": "?"})
    assert response.status_code == 422
    assert not english_in(response)


@pytest.fixture
def kept(record):
    """The first pledge of the record, with figures, copies, edits, a proposal and judgements of a party's part."""
    record.needs_second_person = True
    record.save()
    pledge = record.pledges.get(number=1)
    pledge.is_judged_per_party, pledge.due_edtf, pledge.due_latest = True, "2030", date(2030, 12, 31)
    pledge.save()
    china, french = factories.party("CHN"), Texts(fr="Le dragage a commencé.")
    first = factories.assessment(pledge, party=china, rationale=french, confirmed_by=factories.editor())
    factories.assessment(pledge, party=china, status="stalled", rationale=french, corrects=first)
    factories.proposal(pledge, rationale=french)
    span = {"baseline_value": 1, "baseline_period": "2024", "target_value": 9}
    metric = factories.metric(pledge, name=Texts(fr="Profondeur"), unit=Texts(fr="m"), **span)
    for year, value in ((2025, 2), (2026, 3)):
        periods = {"period_edtf": str(year), "period_latest": date(year, 12, 31)}
        factories.observation(metric, value=value, added_by=factories.editor(), **periods)
    factories.milestone(pledge, title=Texts(fr="Les dragues arrivent"), date_edtf="2026-11")
    factories.document(record, title=Texts(fr="Le texte"))
    for state in ("ok", "changed", "dead"):
        item = factories.evidence(pledge, title="La drague", language="fr", publisher="Courrier du lac")
        told = {"text": "Deux dragues.", "sha256": "0" * 64, "media_type": "text/html", "http_status": 200}
        told |= {"fetched_at": NOW, "checked_at": NOW, "state_since": NOW, "next_check_at": NOW}
        EvidenceCopy.objects.create(evidence=item, host="news.example.org", state=state, **told)
    editor = factories.editor()
    values = {"is_due_stated": not pledge.is_due_stated, "due_edtf": "", "locator": Texts(fr="Alinéa 6")}
    editing.edit(record=pledge, expected_revision=pledge.revision, values=values, by=editor, now=NOW)
    return pledge


def pages_of(pledge):
    """The pages that a record with something in it has, and that editors edit it on."""
    declaration, metric, copy = pledge.declaration, pledge.metrics.get(), pledge.evidence.exclude(copy=None).first()
    yield from (declaration.get_absolute_url(), pledge.get_absolute_url())
    for day in ("2020-01-01", "2024-08-01", str(NOW.date()), "2999-01-01", "?"):
        yield f"{declaration.get_absolute_url()}?as_of={day}"
        yield f"{pledge.get_absolute_url()}?as_of={day}"
    yield from (row.get_absolute_url() for row in pledge.assessments.all())
    yield from (row.get_absolute_url() for row in pledge.proposals.all())
    yield from (reverse("evidence_copy", args=[copy.pk]), reverse("edit_rule", args=[pledge.reference]))
    yield from (reverse(name, args=[metric.pk]) for name in ("add_figure", "add_figure_file"))
    yield from (reverse("assess", args=[pledge.reference]), f"{reverse('assess', args=[pledge.reference])}?party=CHN")
    yield from (reverse(name) for name in ("record", "add_declaration", "add_party"))
    for name in ("edit_declaration", "add_theme", "add_document", "add_pledge"):
        yield reverse(name, args=[declaration.slug])
    for name in ("edit_pledge", "add_milestone"):
        yield reverse(name, args=[pledge.reference])
    yield reverse("edit_party", args=["CHN"])
    yield reverse("edit_theme", args=[declaration.themes.first().pk])
    yield reverse("edit_document", args=[declaration.documents.get().pk])
    yield reverse("edit_milestone", args=[pledge.milestones.get().pk])


def test_pages_of_a_full_record_are_french(client, kept, person):
    answers = {page: client.get(page) for page in pages_of(kept)}
    assert {answer.status_code for answer in answers.values()} == {200}
    said = {page: english_in(answer) for page, answer in answers.items()}
    assert not {page: words for page, words in said.items() if words}


def test_complaints_of_the_forms_that_edit_the_record_are_french(client, kept, person):
    wrong = dict.fromkeys(("slug", "code", "reference", "key"), "é") | {"title-fr": "\x01", "url": "ftp://x"}
    wrong |= {"due_edtf": "bientôt", "date_edtf": "bientôt", "published_edtf": "bientôt", "period": "bientôt"}
    wrong |= {"revision": 0, "value": "x", "language": "?", "territory": "??"}
    pages = [page for page in pages_of(kept) if page != "/edit/" and ("/edit/" in page or "/figures/" in page)]
    answers = {page: client.post(page, wrong) for page in pages}
    assert {answer.status_code for answer in answers.values()} == {422}
    said = {page: english_in(answer) for page, answer in answers.items()}
    assert not {page: words for page, words in said.items() if words}


def test_days_are_written_the_french_way(client, record, person):
    page = client.get(address_of("/pledges/{reference}/", record)).content.decode()
    assert "consigné le 24 nov. 2026 par" in page


def test_digest_speaks_the_language_of_its_reader(record):
    pledge = record.pledges.get(number=1)
    subscription = factories.follow(factories.user(language="fr"), pledge, since=NOW - timedelta(days=1))
    mail = compose(gather(subscription, end=NOW + timedelta(days=1)))
    assert mail.subject.startswith("« Nettoyer le lac 1 » : réalisé, 1 nouvelle source (Chine–Kazakhstan")
    assert "CHANGEMENTS" in mail.text
    assert not [said for said in Words(mail.html).said if ENGLISH.search(said)]


def test_plain_text_breaks_no_line_before_a_french_colon():
    said = "Followthrough tient une ligne pour chacun des engagements de déclaration\xa0: voici."
    assert wrap(said) == ["Followthrough tient une ligne pour chacun des engagements de", "déclaration\xa0: voici."]
