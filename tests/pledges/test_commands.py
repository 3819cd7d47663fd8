"""The command says what it did, or in a line what to mend; it never ends in a stack trace."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.pledges.declarations import SHIPPED, SMALL, changed
from tracker.pledges.models import Assessment, Declaration, Evidence, Pledge

pytestmark = pytest.mark.django_db


def run(file, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("load_declaration", str(file), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue() + str(error)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lake.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_the_first_run_lists_what_it_adds_and_the_second_says_nothing_to_change(file):
    out, err = run(file)
    assert (out.splitlines()[0], err) == ("+ LAKE-2024", "")
    assert "+ LAKE-2024-01, evidence dredging\n" in out
    assert out.splitlines()[-1] == "LAKE-2024: 13 added."
    assert run(file) == ("LAKE-2024: nothing to change.\n", "")


def test_a_dry_run_says_that_it_is_one(file):
    assert run(file, dry_run=True)[0].splitlines()[-1] == "LAKE-2024 (dry run): 13 added."
    assert Declaration.objects.count() == 0


def test_what_was_kept_is_said_beside_what_changed(file):
    run(file)
    file.write_bytes(changed(("{en: Water}", "{en: Waters}"), ("key: dredgers", "key: arrival")))
    assert run(file)[0].splitlines() == [
        "~ theme water, title: en: Water → Waters",
        "+ LAKE-2024-01, milestone arrival",
        "= LAKE-2024-01, milestone dredgers: no longer in the file",
        "LAKE-2024: 1 added, 1 changed, 1 kept.",
    ]


def test_with_verbosity_0_the_number_alone_is_said(file):
    assert run(file, verbosity=0)[0] == "LAKE-2024: 13 added.\n"


def test_every_problem_is_a_line_with_file_line_and_field(file):
    file.write_bytes(changed(("theme: water", "theme: wine"), ("key: depth", "key: Depth!")))
    out, err = run(file)
    assert out == ""
    assert err.splitlines() == [
        f"{file}:22: pledges[0].theme: “wine” is not among the themes",
        f"{file}:27: pledges[0].metrics[0].key: “Depth!” does not fit: expected lower-case letters a–z, digits and"
        " hyphens, at most 60",
        f"2 problems in {file}. Nothing was changed.",
    ]


def test_problems_of_the_whole_file_are_said_as_such(file):
    file.write_bytes(b"")
    assert f"{file}:1: file: holds no declaration" in run(file)[1]
    assert f"1 problem in {file}." in run(file)[1]


@pytest.mark.parametrize("name", ["missing.yaml", ".", "nul\0.yaml", "x" * 5000])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, name):
    _, err = run(f"{tmp_path}/{name}")
    assert err.startswith("Cannot read ")
    assert "\n" not in err


def test_the_shipped_file_loads_in_two_seconds_and_once():
    began = time.process_time()
    out, err = run(SHIPPED)
    assert time.process_time() - began < 2
    assert (out.splitlines()[-1].startswith("CN-KZ-2024: "), err) == (True, "")
    assert run(SHIPPED) == ("CN-KZ-2024: nothing to change.\n", "")


@pytest.mark.django_db(transaction=True)
def test_four_at_once_leave_one_record(file):
    def once(_):
        try:
            return run(file)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        errors = [err for _, err in pool.map(once, range(4))]
    assert errors.count("") >= 1
    assert set(errors) <= {"", "Someone else changed the record meanwhile. Nothing was changed; run again."}
    assert run(file) == ("LAKE-2024: nothing to change.\n", "")
    counted = [model.objects.count() for model in (Declaration, Pledge, Evidence, Assessment)]
    assert counted == [1, 2, 1, 1]
