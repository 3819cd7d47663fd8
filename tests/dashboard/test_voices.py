"""The table of voices and its sentence, in words."""

import pytest
from django.utils import translation

from tests import factories
from tracker.dashboard.voices import voice_matrix

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge():
    return factories.pledge()


def matrix(pledge):
    return voice_matrix(list(pledge.evidence.select_related("voice_party")), list(pledge.declaration.parties.all()))


def by_party(pledge, code, **fields):
    return factories.evidence(pledge, voice="party", voice_party=factories.party(code), **fields)


def test_one_side_only_is_said_with_its_name(pledge):
    by_party(pledge, "CHN")
    by_party(pledge, "CHN", stance="context")
    assert matrix(pledge).sentence == "Confirmed by one side only: China."
    with translation.override("fr"):
        assert "Chine" in matrix(pledge).sentence


@pytest.mark.parametrize(
    ("parties", "others", "expected"),
    [
        ([], [], "No source confirms or contradicts it yet."),
        (["CHN"], ["independent"], "Confirmed by one side, China, and by sources that belong to no side."),
        (["CHN", "KAZ"], [], "Confirmed by every side, and by nobody else."),
        (["CHN", "KAZ"], ["multilateral"], "Confirmed by every side and by sources that belong to no side."),
        ([], ["independent"], "Confirmed only by sources that belong to no side."),
    ],
)
def test_each_constellation_has_its_sentence(pledge, parties, others, expected):
    for code in parties:
        by_party(pledge, code)
    for voice in others:
        factories.evidence(pledge, voice=voice)
    assert matrix(pledge).sentence == expected


def test_setbacks_are_told_beside_confirmations(pledge):
    by_party(pledge, "KAZ")
    factories.evidence(pledge, stance="setback")
    assert matrix(pledge).sentence == "Confirmed by one side only: Kazakhstan. A setback is reported too."


def test_some_of_many_sides_are_listed():
    three = [factories.party(*pair) for pair in (("CHN", "CN"), ("KAZ", "KZ"), ("UZB", "UZ"))]
    pledge = factories.pledge(factories.declaration(parties=three))
    by_party(pledge, "CHN")
    by_party(pledge, "UZB")
    assert matrix(pledge).sentence == "Confirmed by some sides only: China and Uzbekistan."


def test_every_voice_has_a_column_and_sums_agree(pledge):
    by_party(pledge, "CHN")
    by_party(pledge, "CHN")
    factories.evidence(pledge, stance="setback", voice="multilateral")
    found = matrix(pledge)
    assert found.columns == ["China", "Kazakhstan", "Independent", "Multilateral"]
    assert [(row.stance, [cell.count for cell in row.cells], row.total) for row in found.rows] == [
        ("progress", [2, 0, 0, 0], 2),
        ("setback", [0, 0, 0, 1], 1),
    ]
    assert (found.totals, found.total) == ([2, 0, 0, 1], 3)


def test_page_shows_the_table_and_leaves_the_withdrawn_out(client, pledge):
    by_party(pledge, "CHN")
    factories.evidence(pledge, withdrawn_at=factories.NOW, withdrawn_by=factories.editor(), withdrawn_reason="twice")
    html = client.get(pledge.get_absolute_url()).content.decode()
    assert "Confirmed by one side only: China." in html
    assert "Number of items of evidence by what they show and who says so" in html


def test_pledge_without_evidence_has_no_table(client, pledge):
    assert "Who says so" not in client.get(pledge.get_absolute_url()).content.decode()
