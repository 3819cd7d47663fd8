"""Pages and exports as of a day: exactly what they were when that day ended."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.pledges.declarations import SCHEMA, changed
from tracker.multilingual import Texts
from tracker.pledges import actions, editing, exporting, judging
from tracker.pledges.as_of import AsOf
from tracker.pledges.declaration_file import parse
from tracker.pledges.figures import withdraw_figure
from tracker.pledges.loading import load
from tracker.pledges.models import Declaration, Metric, Milestone, Observation, Party, Pledge, Theme

pytestmark = pytest.mark.django_db
DAYS = ["2024-09-30", "2024-10-01", "2025-04-01", "2025-04-15", "2025-05-05", "2025-05-06", "2025-06-01"]
EDITED = ["2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04"]


class History:
    """A pledge with judgements, a late recording, withdrawn evidence, a correction, figures and parts of parties."""

    def __init__(self):
        self.editor = factories.editor(name="Ida Editor")
        self.declaration = factories.declaration(slug="lakes", signed_on=date(2024, 7, 3))
        due = {"due_edtf": "2025-03", "due_earliest": date(2025, 3, 1), "due_latest": date(2025, 3, 31)}
        self.pledge = factories.pledge(self.declaration, is_judged_per_party=True, **due)
        self.other = factories.pledge(self.declaration)
        fields = {"pledge": self.pledge, "key": "depth", "name": Texts(en="Depth"), "unit": Texts(en="m")}
        self.metric = Metric.objects.create(**fields, baseline_value=2, baseline_period="2023", target_value=4)
        self.text = factories.document(self.declaration, key="text")
        self.fish = factories.theme(self.declaration, slug="fish", position=3)
        self.step = factories.milestone(self.pledge, date_edtf="2025-04", date_earliest=date(2025, 4, 1))
        self.earlier = factories.pledge(factories.declaration(signed_on=date(2020, 1, 1)))
        self.line = factories.lineage(self.earlier, self.pledge)
        self.links, self.judged, self.figures = {}, {}, {}

    def add(self, now, name, stance, pledge=None):
        self.links[name] = actions.add_evidence(
            pledge=pledge or self.pledge,
            url=f"https://news.example.org/{name}",
            title=f"News of {name}",
            publisher="Lake Courier",
            language="en",
            published_edtf="2024-08",
            stance=stance,
            kind="action",
            voice="independent",
            voice_party=None,
            note=Texts(),
            by=self.editor,
            now=now,
        )

    def judge(self, now, name, status, effective_on, cites, **more):
        draft = judging.Draft(
            pledge=self.pledge,
            status=status,
            confidence="medium",
            rationale=Texts(en=f"Because of {name}."),
            evidence=[self.links[cites]],
            effective_on=date.fromisoformat(effective_on),
            **more,
        )
        self.judged[name] = judging.assess(draft, expected_version=self.pledge.version, by=self.editor, now=now)

    def figure(self, now, year, value):
        period = {"period_edtf": str(year), "period_latest": date(year, 12, 31)}
        fields = {"metric": self.metric, **period, "value": value, "added_at": now, "added_by": self.editor}
        self.figures[year] = Observation.objects.create(**fields)

    def play(self, day):
        """What happens on one day, at noon."""
        now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        if day == "2024-09-30":
            self.add(now, "boats", "progress")
            self.figure(now, 2023, "2")
        if day == "2024-10-01":
            self.judge(now, "a-start", "in_progress", "2024-09-15", "boats")
        if day == "2025-04-01":
            self.add(now, "clean", "fulfilled")
            self.figure(now, 2024, "2.5")
        if day == "2025-04-15":  # late, about a day before the due day
            self.judge(now, "the-end", "fulfilled", "2025-03-20", "clean")
        if day == "2025-05-05":
            actions.withdraw_evidence(evidence=self.links["clean"], reason="Forged", by=self.editor, now=now)
            withdraw_figure(figure=self.figures[2024], reason="A slip", by=self.editor, now=now)
        if day == "2025-05-06":
            wrong = self.judged["the-end"]
            self.judge(now, "the-forgery", "stalled", "2025-03-20", "boats", corrects=wrong)
        if day == "2025-06-01":
            china = Party.objects.get(code="CHN")
            self.judge(now, "one-side", "fulfilled", "2025-05-20", "boats", party=china)
            self.add(now, "wells", "context", self.other)

    def play_edits(self, day):
        now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        plays = (self.reword, self.enlarge, self.reload, self.rename)
        dict(zip(EDITED, plays, strict=True))[day](now)

    def edit(self, now, record, **values):
        record.refresh_from_db()
        assert editing.edit(record=record, expected_revision=record.revision, values=values, by=self.editor, now=now)
        record.refresh_from_db()

    def reword(self, now):
        """Every sort of field of every sort of record."""
        for name in ("boats", "clean"):
            self.edit(now, self.pledge, title=Texts(en=f"Clean {name}"))
        self.edit(now, self.pledge, due_edtf="2026", review_by=date(2025, 12, 1), theme=self.fish, document=self.text)
        self.edit(now, self.pledge, parties=[Party.objects.get(code="CHN")], is_judged_per_party=False)
        self.edit(now, self.pledge, theme=self.other.theme)
        self.edit(now, self.other, due_edtf="2025-05", title=Texts(en="Drill wells"))
        self.edit(now, self.other.theme, title=Texts(en="Waters"), position=7)
        self.edit(now, Party.objects.get(code="CHN"), name=Texts(en="Middle Kingdom"))
        self.edit(now, self.declaration, title=Texts(en="The lakes"), due_soon_days=400, stale_days=2)
        self.edit(now, self.metric, unit=Texts(en="km"), baseline_value=Decimal("2.5"), target_value=None)
        self.edit(now, self.step, title=Texts(en="Boats arrive"), date_edtf="2025-02", is_reached=True)
        self.edit(now, self.earlier, title=Texts(en="An older wish"))
        self.edit(now, self.line, relation="weakened", note=Texts(en="Less water"))

    def enlarge(self, now):
        theme = editing.add(
            Theme,
            values={"declaration": self.declaration, "slug": "air", "title": Texts(en="Air"), "position": 1},
            by=self.editor,
            now=now,
        )
        texts = {"title": Texts(en="Clean the air"), "statement": Texts(en="The parties will clean the air.")}
        fields = {"declaration": self.declaration, "number": 30, "reference": f"{self.declaration.reference}-30"}
        added = editing.add(
            Pledge,
            values={**fields, **texts, "slug": "air", "theme": theme, "parties": [Party.objects.get(code="KAZ")]},
            by=self.editor,
            now=now,
        )
        steps = {"title": Texts(en="Trees planted"), "date_edtf": "2025-01"}
        editing.add(Milestone, values={"pledge": self.pledge, **steps}, by=self.editor, now=now)
        figures = {"key": "trees", "name": Texts(en="Trees"), "unit": Texts(en="trees")}
        editing.add(Metric, values={"pledge": self.other, **figures}, by=self.editor, now=now)
        self.edit(now, added, title=Texts(en="Clean all air"))

    def reload(self, now):
        """A file that adds a pledge and words the rest anew; what people changed stays."""
        data = exporting.data(Declaration.objects.get(pk=self.declaration.pk))
        data["declaration"]["summary"] = {"en": "About lakes and air."}
        data["pledges"][1]["statement"] = {"en": "The parties will drill."}
        data["pledges"][0]["milestones"].append({"key": "fish", "title": {"en": "Fish return"}, "date": "2025-06"})
        data["pledges"].append({**data["pledges"][1], "reference": f"{self.declaration.reference}-40", "slug": "forty"})
        load(parse(exporting.json_text(data).encode(), SCHEMA), now=now)

    def rename(self, now):
        """Names that edits of the days before mention."""
        self.edit(now, self.other.theme, slug="lakes-and-rivers")
        self.edit(now, self.text, key="gazette")
        self.edit(now, self.pledge, theme=self.fish, document=None)


@pytest.fixture
def history():
    return History()


def state(client, address):
    """The page without what may differ: the day in its addresses, who follows, how to cite, where to look back."""
    html = client.get(address).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    html = re.sub(r"(\?|&amp;)as_of=[\d-]+", "", html)
    html = re.sub(r'<aside class="hint as-of".*?</aside>', "", html, flags=re.DOTALL)
    html = re.sub(r'<section class="leaf cite".*?</section>', "", html, flags=re.DOTALL)
    html = re.sub(r'<dt id="as-of-label">.*?</dd>', "", html, flags=re.DOTALL)
    html = re.sub(r"<dt>Followers</dt><dd>\d+</dd>|<input type=\"hidden\" name=\"as_of\"[^>]*>", "", html)
    html = re.sub(r'<a class="btn" href="/account/login/.*?</a>', "", html, flags=re.DOTALL)
    html = re.sub(r'(<text class="now"[^>]*>)[^<]*', r"\1", html)
    return re.sub(r"(?<=>)\s+(?=<)", "", re.sub(r"\s+", " ", html))


def exports(client, history, tail=""):
    files = [f"/declarations/lakes/download.{name}" for name in ("yaml", "json", "csv")]
    files.append(reverse("figures_csv", args=[history.metric.pk]))
    return [client.get(file + tail).content for file in files]


@pytest.mark.parametrize("fronts", [1, 2], ids=["one declaration", "two declarations"])
def test_the_record_as_of_a_day_is_what_it_was_when_that_day_ended(client, history, time_machine, fronts):
    if fronts == 2:
        factories.pledge(factories.declaration())
    pledges = [each.get_absolute_url() for each in (history.pledge, history.other, history.earlier)]
    pages = ["/", "/declarations/lakes/", *pledges]
    pages += [page + "?status=fulfilled&stance=progress" for page in pages]
    seen = {}
    for day in DAYS + EDITED:
        (history.play if day in DAYS else history.play_edits)(day)
        time_machine.move_to(f"{day}T23:59:59+00:00", tick=False)
        seen[day] = [state(client, page) for page in pages], exports(client, history)
    time_machine.move_to("2025-12-24T09:00:00+00:00", tick=False)
    for day in DAYS + EDITED:
        then = [f"{page}{'&' if '?' in page else '?'}as_of={day}" for page in pages]
        assert [state(client, page) for page in then] == seen[day][0], day
        assert exports(client, history, f"?as_of={day}") == seen[day][1], day
    assert len({str(value) for value in seen.values()}) == len(DAYS + EDITED)


@pytest.fixture
def played(history, time_machine):
    for day in DAYS:
        history.play(day)
    time_machine.move_to("2025-12-24T09:00:00+00:00", tick=False)
    return history


@pytest.mark.parametrize(
    ("day", "status", "due", "news"),
    [
        ("2024-09-30", "not_assessed", "182 days left", ["boats"]),
        ("2025-04-14", "in_progress", "Overdue by 14 days", ["boats", "clean"]),
        ("2025-04-15", "fulfilled", "Done on time", ["boats", "clean"]),
        ("2025-05-06", "stalled", "Overdue by 36 days", ["boats"]),
    ],
)
def test_three_days_and_one_in_words(client, played, day, status, due, news):
    html = client.get(f"{played.pledge.get_absolute_url()}?as_of={day}").content.decode()
    assert f'class="verdict s-{status}"' in html
    assert due in html
    assert re.findall(r'<a href="[^"]*" [^>]*>News of (\w+)</a>', html) == news[::-1]
    data = exporting.data(played.declaration, AsOf(date.fromisoformat(day)))["pledges"][0]
    assert [item["url"].rsplit("/", 1)[1] for item in data["evidence"]] == news
    csv = client.get(f"/declarations/lakes/download.csv?as_of={day}").content.decode()
    assert csv.splitlines()[1].split(",")[1] == status


def queries_of(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_past_day_costs_the_same_queries_however_much_was_edited_since(client, played):
    """A few more than the present: one for the edits of each list."""
    played.play_edits(EDITED[0])
    played.play_edits(EDITED[1])
    pages = ["/declarations/lakes/", played.pledge.get_absolute_url()]
    pages += [f"/declarations/lakes/download.{name}" for name in ("json", "yaml")]
    then = [f"{page}?as_of=2025-04-15" for page in pages]
    counts = [queries_of(client, page) for page in then]
    present = [queries_of(client, page) for page in pages]
    assert [count - now for count, now in zip(counts, present, strict=True) if not -2 <= count - now <= 16] == []
    when = datetime(2025, 7, 5, tzinfo=UTC)
    for number in range(12):
        pledge = factories.pledge(played.declaration, number=50 + number)
        theme = factories.theme(played.declaration)
        played.edit(when, pledge, title=Texts(en="Anew"), theme=theme, parties=[], document=played.text)
        played.edit(when, theme, title=Texts(en="Anew"), slug=f"anew-{number}")
        played.edit(when, factories.milestone(played.pledge), title=Texts(en="Anew"))
        played.edit(when, factories.metric(played.pledge, key=f"metric-{number}"), note=Texts(en="Anew"))
    assert [queries_of(client, page) for page in then] == counts


def test_what_came_later_has_no_page_on_the_days_before(client, played):
    for day in EDITED[:3]:
        played.play_edits(day)
    for number, before, first in ((30, *EDITED[:2]), (40, *EDITED[1:3])):
        reference = f"{played.declaration.reference}-{number}"
        for address in (reverse("pledge", args=[reference]), reverse("cite_pledge", args=[reference, "bib"])):
            answers = [client.get(address + tail) for tail in (f"?as_of={before}", f"?as_of={first}", "")]
            assert [answer.status_code for answer in answers] == [404, 200, 200]


def test_a_citation_of_a_day_bears_the_title_of_that_day(client, played):
    played.play_edits(EDITED[0])
    address = reverse("cite_pledge", args=[played.pledge.reference, "bib"])
    assert "Clean clean" in client.get(address).content.decode()
    assert "Clean lake 1" in client.get(f"{address}?as_of=2025-06-30").content.decode()


def test_evidence_that_a_file_words_anew_keeps_its_words_of_the_days_before(client, time_machine):
    first, later = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
    load(parse(changed(), SCHEMA), now=first)
    load(parse(changed(("Dredging begins", "Dredgers begin"), ("value: 3.25", "value: 3.5")), SCHEMA), now=later)
    time_machine.move_to("2025-12-24T09:00:00+00:00", tick=False)
    page = reverse("pledge", args=["LAKE-2024-01"])
    for tail, title, value in (("", "Dredgers begin", "3.5"), ("?as_of=2025-06-30", "Dredging begins", "3.25")):
        html = client.get(page + tail).content.decode()
        assert re.findall(r">(Dredg\w+ begins?)</a>", html) == [title]
        assert f">{value}<" in re.sub(r"\s", "", html)


def inside(html):
    return html.split("<main", 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize("several", [False, True])
def test_links_between_pages_keep_the_day_and_nothing_can_be_changed(client, played, several):
    if several:
        factories.pledge(factories.declaration())
    client.force_login(factories.editor())
    judgement = played.judged["the-end"].get_absolute_url()
    for page in ("/", "/declarations/lakes/", played.pledge.get_absolute_url(), judgement):
        html = inside(client.get(f"{page}?as_of=2025-06-01").content.decode())
        now = f'<a class="btn end" href="{page}">See it as it is now</a>'
        assert now in html
        addresses = re.findall(r'(?:href|hx-get)="([^"]*)"', html.replace(now, ""))
        ours = [each for each in addresses if re.match(r"/(declarations|pledges)/|\?|/$", each)]
        ours = [each for each in ours if not each.endswith("hx-target")]
        forms = set(re.findall(r'<form[^>]*hx-get="([^"]*)"', html))
        assert ours
        assert [each for each in ours if "as_of=2025-06-01" not in each and each not in forms] == []
        assert 'method="post"' not in html
        assert not re.search(r'href="[^"]*/(status|evidence|edit|figures)/', html)


def test_htmx_keeps_the_day_too(client, played):
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    answer = client.get("/declarations/lakes/?as_of=2025-04-15&q=lake&status=fulfilled", headers=headers)
    html = answer.content.decode()
    assert "as_of=2025-04-15" in answer["HX-Push-Url"]
    assert re.findall(r'<tr id="p(\d+)">', html) == ["01"]
    assert f'href="{played.pledge.get_absolute_url()}?as_of=2025-04-15"' in html


def test_days_before_the_record_say_so(client, played):
    for page in ("/declarations/lakes/", played.pledge.get_absolute_url()):
        early = client.get(f"{page}?as_of=2024-08-01").content.decode()
        assert "The record as of 1 Aug 2024" in early
        assert "Nothing was on record yet; the first entry is of 30 Sep 2024." in early
        unsigned = client.get(f"{page}?as_of=2024-07-02").content.decode()
        assert "The declaration was not signed yet; that was on 3 July 2024." in unsigned
    assert client.get("/?as_of=0001-01-01").status_code == 200


@pytest.mark.parametrize("text", ["2025-02-30", "soon", "2025-12-25", "%00", "9999-12-31", "x" * 3000])
def test_a_day_that_is_none_is_said_at_the_field_and_the_page_shows_the_present(client, played, text):
    for page in ("/", played.pledge.get_absolute_url()):
        answer = client.get(f"{page}?as_of={text}")
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "The record as of" not in html
        if text != "%00":
            assert 'id="as-of-error" role="alert"' in html
            assert 'aria-invalid="true"' in html
    if text != "%00":
        assert client.get(f"/declarations/lakes/download.json?as_of={text}").status_code == 400


def test_todays_record_can_be_asked_for_and_is_the_present(client, played):
    page = played.pledge.get_absolute_url()
    assert state(client, page + "?as_of=2025-12-24") == state(client, page)


def test_search_engines_keep_to_the_present(client, played):
    for page in ("/", played.pledge.get_absolute_url(), "/declarations/lakes/download.json"):
        assert client.get(page + "?as_of=2025-04-15")["X-Robots-Tag"] == "noindex"
        assert "X-Robots-Tag" not in client.get(page)


def test_a_days_file_carries_the_day_in_its_name_and_is_a_declaration_file(client, played):
    answer = client.get("/declarations/lakes/download.yaml?as_of=2025-04-15")
    assert answer["Content-Disposition"] == 'attachment; filename="lakes-2025-04-15.yaml"'
    assert parse(answer.content, SCHEMA)


def test_the_command_exports_a_day_too(client, played, capsys):
    call_command("export_declaration", played.declaration.reference, as_of="2025-04-15")
    assert capsys.readouterr().out.encode() == client.get("/declarations/lakes/download.yaml?as_of=2025-04-15").content
    with pytest.raises(CommandError, match="not begun"):
        call_command("export_declaration", played.declaration.reference, as_of="2999-01-01")


def test_articles_count_as_coverage_from_when_they_were_found_to_when_they_were_decided(client, played):
    article = factories.article(published_at=datetime(2025, 4, 2, tzinfo=UTC))
    factories.suggestion(
        article,
        played.other,
        created_at=datetime(2025, 4, 3, tzinfo=UTC),
        state="dismissed",
        dismiss_reason="off_topic",
        decided_at=datetime(2025, 4, 10, tzinfo=UTC),
        decided_by=played.editor,
    )
    page = played.other.get_absolute_url()
    for day, known in (("2025-04-02", False), ("2025-04-03", True), ("2025-04-10", False)):
        html = client.get(f"{page}?as_of={day}").content.decode()
        assert ('aria-label="1 article since the signing"' in html) is known
