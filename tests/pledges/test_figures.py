"""Figures added by editors, by hand and from files, and taken away as CSV."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges.figure_file import LARGEST
from tracker.pledges.figures import DuplicateFiguresError, Figure, add_figures
from tracker.pledges.models import Metric, Observation

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def metric():
    return Metric.objects.create(
        pledge=factories.pledge(),
        key="trade",
        name=Texts(en="Trade in goods"),
        unit=Texts(en="bn USD"),
        baseline_value=41,
        baseline_period="2023",
        target_value=82,
    )


@pytest.fixture
def editor(client):
    person = factories.editor(name="Ida Editor")
    client.force_login(person)
    return person


def on_record(metric, period, value, **fields):
    return Observation.objects.create(
        metric=metric,
        period_edtf=period,
        period_latest=date(int(period[:4]), 12, 31),
        value=value,
        **{"added_at": factories.NOW, **fields},
    )


def add(client, metric, headers=None, **fields):
    given = {"period": "2025", "value": "47.4", "publisher": "Customs", **fields}
    return client.post(reverse("add_figure", args=[metric.pk]), given, headers=headers)


def upload(client, metric, text, name="figures.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post(reverse("add_figure_file", args=[metric.pk]), {"file": SimpleUploadedFile(name, data)})


# -- By hand


def test_figure_is_kept_with_who_added_it_and_shown(client, metric, editor):
    answer = add(client, metric, period="Q3 2025", url="https://customs.example.org/t", note="Preliminary.")
    assert answer["Location"] == f"{metric.pledge.get_absolute_url()}#m{metric.pk}"
    made = Observation.objects.get()
    assert (made.period_edtf, made.period_latest, made.value) == ("2025-35", date(2025, 9, 30), Decimal("47.4"))
    assert (made.added_by, made.added_at is not None) == (editor, True)
    html = client.get(metric.pledge.get_absolute_url()).content.decode()
    for words in ("Q3 2025", "47.4", "Customs", "Preliminary.", "added by Ida Editor"):
        assert words in html


def test_figure_joins_the_series_it_names_in_whatever_language(client, metric, editor):
    on_record(metric, "2024", 43.8, series=Texts(en="China’s count", fr="Compte chinois"))
    add(client, metric, series="Compte chinois")
    add(client, metric, series="Kazakhstan’s count")
    assert {str(row.series): len(row.series) for row in Observation.objects.all()} == {
        "China’s count": 2,
        "Kazakhstan’s count": 1,
    }


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"period": ""}, "This field is required"),
        ({"period": "soon"}, "Enter a period that ends"),
        ({"period": "2025/.."}, "Enter a period that ends"),
        ({"value": "many"}, "Enter a number"),
        ({"value": "NaN"}, "Enter a number"),
        ({"value": "1e999"}, "no more than"),
        ({"value": "1.23456"}, "no more than 4 decimal places"),
        ({"value": "9" * 21}, "no more than 20 digits"),
        ({"publisher": ""}, "This field is required"),
        ({"publisher": "x" * 121}, "at most 120"),
        ({"publisher": "a\x00b"}, "Null characters are not allowed"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"url": "ftp://a.example/x"}, "begins with http"),
        ({"series": "x" * 121}, "at most 120"),
    ],
)
def test_faulty_figure_is_told_at_its_field_and_kept(client, metric, editor, fields, said):
    answer = add(client, metric, **fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert ("47.4" in html) == ("value" not in fields)
    assert not Observation.objects.exists()


def test_a_period_of_a_series_has_one_figure(client, metric, editor):
    assert add(client, metric).status_code == 302
    answer = add(client, metric, value="48")
    assert answer.status_code == 422
    assert "has a figure already" in answer.content.decode()
    assert add(client, metric, value="48", series="Kazakhstan’s count").status_code == 302


def test_forms_come_as_pages_or_as_panels(client, metric, editor):
    for name in ("add_figure", "add_figure_file"):
        address = reverse(name, args=[metric.pk])
        assert "<html" in client.get(address).content.decode()
        panel = client.get(address, headers=HTMX).content.decode()
        assert "<html" not in panel
        assert '<h2 id="pn-h"' in panel
    answer = add(client, metric, headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"{metric.pledge.get_absolute_url()}#m{metric.pk}")


# -- From a file


def test_every_line_of_a_file_is_added(client, metric, editor):
    answer = upload(
        client, metric, "series,period,value,publisher\nChina,2023,41.0,Customs\nChina,Q3 2024,43.8,Customs\n"
    )
    assert answer.status_code == 302
    found = Observation.objects.values_list("period_edtf", "value", "added_by")
    assert list(found) == [("2023", Decimal("41"), editor.pk), ("2024-35", Decimal("43.8"), editor.pk)]


def test_every_problem_is_told_with_its_line_and_nothing_is_added(client, metric, editor):
    on_record(metric, "2022", 31.2)
    text = "period,value,publisher\n2023,41,Customs\nsoon,41,Customs\n2024,many,\n"
    answer = upload(client, metric, text)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 3, period: Enter a period that ends" in html
    assert "Line 4, value: Enter a number." in html
    assert "Line 4, publisher: This field is required." in html
    assert "Line 2" not in html
    assert Observation.objects.count() == 1


def test_figures_on_record_and_named_twice_are_told_with_their_lines(client, metric, editor):
    on_record(metric, "2023", 41)
    answer = upload(client, metric, "period,value,publisher\n2023,41,C\n2024,43,C\n2024,44,C\n")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 2: this period of this series has a figure already" in html
    assert "Line 4: this period" in html
    assert "Line 3" not in html
    assert Observation.objects.count() == 1


def test_of_very_many_problems_the_first_are_shown_and_the_rest_counted(client, metric, editor):
    html = upload(client, metric, "period,value,publisher\n" + "soon,1,C\n" * 100).content.decode()
    assert "80 more problems" in html


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "no text in UTF-8"),
        (b"PK\x03\x04 spreadsheet", "Unknown or repeated columns"),
        (b"period,value\n", "The file has no figures"),
        (b"period,value,<script>\n", "&lt;script&gt;"),
        (b"period,value\n2024,1,2,3\n", "Line 2: its cells do not fit"),
        (b"x" * (LARGEST + 1), "larger than 200 kB"),
    ],
)
def test_files_that_are_no_table_of_figures_are_refused(client, metric, editor, data, said):
    answer = upload(client, metric, data)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_no_file_is_told_at_the_field(client, metric, editor):
    answer = client.post(reverse("add_figure_file", args=[metric.pk]))
    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()


def test_an_addition_is_whole_or_not_at_all(metric, now):
    figures = [Figure("", "2024", Decimal(1), "C"), Figure("", "2024", Decimal(2), "C")]
    with pytest.raises(DuplicateFiguresError):
        add_figures(metric=metric, figures=figures, language="en", by=factories.editor(), now=now)
    assert not Observation.objects.exists()


# -- As CSV


def download(client, metric):
    answer = client.get(reverse("figures_csv", args=[metric.pk]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return answer.content.decode("utf-8-sig")


def test_anyone_can_take_the_figures_away(client, metric):
    on_record(metric, "2024", "43.8000", publisher="Customs", url="https://customs.example.org/t")
    rows = list(csv.DictReader(io.StringIO(download(client, metric))))
    assert rows == [
        {
            "series": "",
            "period": "2024",
            "value": "43.8",
            "publisher": "Customs",
            "url": "https://customs.example.org/t",
            "note": "",
        }
    ]


def test_figures_of_a_past_day_are_those_that_had_been_added(client, metric):
    on_record(metric, "2023", 41, added_at=factories.NOW - timedelta(days=30))
    on_record(metric, "2024", 43)
    address = reverse("figures_csv", args=[metric.pk])
    answer = client.get(address + "?as_of=2026-11-01")
    assert "2026-11-01.csv" in answer["Content-Disposition"]
    assert [row["period"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))] == ["2023"]
    assert client.get(address + "?as_of=soon").status_code == 400


@pytest.mark.parametrize("sign", "=+-@\t")
def test_no_cell_is_a_formula_and_numbers_stay_numbers(client, metric, sign):
    on_record(metric, "2024", "-5", publisher=f"{sign}cmd|' /C calc'!A0", note=Texts(en=f"{sign}1"))
    [row] = csv.DictReader(io.StringIO(download(client, metric)))
    assert row["publisher"].startswith(f"'{sign}")
    assert (row["note"], row["value"]) == (f"'{sign}1", "-5")


def test_what_was_taken_away_can_be_added_elsewhere(client, metric, editor):
    with translation.override("en"):
        on_record(
            metric, "2024-35", "43.8", series=Texts(en="=China"), publisher="-Customs", note=Texts(en='a "b",\nc')
        )
    text = download(client, metric)
    Observation.objects.all().delete()
    assert upload(client, metric, text).status_code == 302
    assert download(client, metric) == text


# -- The pace that is needed


def test_needed_pace_is_shown_as_an_illustration_where_there_is_a_due_date(client, metric):
    on_record(metric, "2023", 41)
    on_record(metric, "2025", 62)
    page = metric.pledge.get_absolute_url()
    assert "a year needed" not in client.get(page).content.decode()
    type(metric.pledge).objects.filter(pk=metric.pledge_id).update(due_edtf="2027", due_latest=date(2027, 12, 31))
    html = client.get(page).content.decode()
    assert '<b class="big">10</b> bn USD a year needed' in html
    assert "a straight line to the target by 2027; illustrative" in html
    assert "needed for 2027, illustrative" in html


# -- Withdrawing


def withdraw(client, figure, reason="Misread the table"):
    return client.post(reverse("withdraw_figure", args=[figure.pk]), {"reason": reason})


def test_a_wrong_figure_is_withdrawn_with_a_reason_and_the_right_one_added(client, metric, editor):
    wrong = on_record(metric, "2025", 74.4)
    answer = withdraw(client, wrong)
    assert answer["Location"] == f"{metric.pledge.get_absolute_url()}#m{metric.pk}"
    assert add(client, metric, period="2025", value="47.4").status_code == 302
    html = client.get(metric.pledge.get_absolute_url()).content.decode()
    assert "<s>74.4</s>" in html
    assert "by Ida Editor: Misread the table" in html
    assert '<b class="big">47.4</b>' in html
    assert "74.4" not in download(client, metric)


def test_withdrawing_needs_a_reason_and_happens_once(client, metric, editor):
    figure = on_record(metric, "2025", 74.4)
    withdraw(client, figure, reason=" ")
    figure.refresh_from_db()
    assert figure.withdrawn_at is None
    withdraw(client, figure, reason="first")
    withdraw(client, figure, reason="second")
    figure.refresh_from_db()
    assert (figure.withdrawn_reason, figure.withdrawn_by) == ("first", editor)


def test_a_past_day_shows_what_was_withdrawn_later(client, metric, editor):
    figure = on_record(metric, "2023", 41, added_at=factories.NOW - timedelta(days=30))
    Observation.objects.filter(pk=figure.pk).update(
        withdrawn_at=factories.NOW, withdrawn_by=editor, withdrawn_reason="wrong lake"
    )
    past = client.get(metric.pledge.get_absolute_url() + "?as_of=2026-11-01").content.decode()
    assert "<s>41</s>" not in past
    assert "wrong lake" not in past
    address = reverse("figures_csv", args=[metric.pk])
    assert "2023" in client.get(address + "?as_of=2026-11-01").content.decode()
    assert "2023" not in client.get(address).content.decode()
