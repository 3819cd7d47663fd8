from datetime import date

import pytest

from tests import factories
from tracker.matching import actions
from tracker.matching.drafting import Party, Said, draft
from tracker.matching.models import Suggestion
from tracker.matching.rules import Source, compile_rules
from tracker.matching.scoring import ArticleText, matches, suggestible
from tracker.matching.watching import rule_sources

FRANCE, JAPAN = Party("FRA", "FR"), Party("JPN", "JP")
SIGNED = date(2024, 7, 3)


def drafted(title, statement="", parties=(FRANCE, JAPAN), french=None):
    said = [Said("en", title, statement, "Cooperation")]
    if french:
        said.append(Said("fr", *french))
    return draft(tuple(said), parties)


def is_suggested(rule, title, language="en"):
    book = compile_rules([Source("L-01", rule, {}, SIGNED)])
    return bool(suggestible(matches(ArticleText(title, "", language, date(2025, 1, 1)), book)))


RAIL = drafted(
    "Build a railway", "France and Japan will build a railway between their ports and renew the rail freight."
)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "French and Japanese firms open a rail freight link"),
        ("fr", "La France et le Japon inaugurent un chemin de fer"),
        ("ru", "Франция и Япония открыли железную дорогу"),
        ("zh", "法国和日本铁路开通"),
        ("kk", "Франция мен Жапония теміржол салды"),
    ],
)
def test_a_draft_finds_news_of_its_subject_in_five_languages(language, title):
    assert is_suggested(RAIL, title, language)


@pytest.mark.parametrize(
    "title", ["Railway opens in Peru", "France and Japan exchange poets", "Japan welcomes tourists"]
)
def test_a_draft_wants_the_parties_and_the_subject(title):
    assert not is_suggested(RAIL, title)


def test_names_are_looked_for_as_they_stand_and_parties_are_no_names():
    rule = drafted(
        "Open the Nakamura prize",
        "France will fund the Nakamura prize of the Blue Ocean Society for Japanese poets.",
        french=("Ouvrir le prix Nakamura", "La France financera le prix Nakamura."),
    )
    assert rule["concepts"]["named"]["terms"] == {"any": ["Nakamura", "Blue Ocean Society"]}


def test_words_that_say_nothing_give_no_draft():
    assert drafted("Keep the promise", "Both sides will do so.") == {}


def test_a_draft_knows_how_chinese_pairs_two_countries_and_who_signed_where():
    signing = (("en", ("Kyoto",)), ("any", ("Ada Lund", "Lund")))
    rule = draft(
        (Said("en", "More trade", "They will trade more."),), (Party("CHN", "CN"), Party("FRA", "FR")), signing
    )
    assert rule["concepts"]["both together"]["terms"]["zh"] == ["中法", "法中"]
    assert rule["concepts"]["place and signatories"]["terms"] == {"en": ["Kyoto"], "any": ["Ada Lund", "Lund"]}


@pytest.mark.django_db
def test_a_pledge_that_nobody_wrote_a_rule_for_is_watched_at_once(now):
    pledge = factories.pledge(title={"en": "Build a railway"}, statement={"en": "A railway will join both capitals."})
    pledge.declaration.parties.set(
        [factories.party(code="FRA", territory="FR"), factories.party(code="JPN", territory="JP")]
    )
    factories.article(title="France and Japan open the railway", language="en")
    actions.suggest(now=now)
    assert Suggestion.objects.get().pledge == pledge


@pytest.mark.django_db
def test_a_rule_that_is_off_is_none_and_one_of_its_own_takes_the_drafts_place():
    factories.pledge(title={"en": "Build a railway"}, watch={"off": True})
    own = {"needs": ["lake"], "concepts": {"lake": {"role": "what", "weight": 1, "terms": {"en": ["lake"]}}}}
    pledge = factories.pledge(title={"en": "Build a railway"}, watch=own)
    assert [(source.key, source.watch) for source in rule_sources()] == [(pledge.reference, own)]
    assert len(rule_sources(drafted=True)) == 2
