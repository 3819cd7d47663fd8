import pytest

from tracker.feeds.language import code, language_of

TEXTS = {
    "en": "Two dredgers began work on the lake on Monday, the ministry said.",
    "fr": "Deux dragues ont commencé à travailler sur le lac lundi, a annoncé le ministère.",
    "ru": "Два земснаряда начали работу на озере в понедельник, сообщило министерство.",
    "kk": "Екі жер снаряды дүйсенбіде көлде жұмысын бастады, деп хабарлады министрлік.",
    "zh": "两艘挖泥船周一开始在湖上作业,该部门表示。",
    "ja": "月曜日に二隻の浚渫船が湖で作業を始めたと同省が発表した。",
    "ar": "بدأت جرافتان العمل في البحيرة يوم الاثنين، بحسب الوزارة.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_of_a_text_is_found_without_help(language):
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize("language", TEXTS)
def test_a_fitting_declaration_stands(language):
    assert language_of(TEXTS[language], language) == language


@pytest.mark.parametrize("language", [name for name in TEXTS if name != "en"])
def test_english_by_default_is_not_believed(language):
    assert language_of(TEXTS[language], "en") == language


def test_kazakh_labelled_russian_is_kazakh():
    assert language_of(TEXTS["kk"], "ru") == "kk"
    assert language_of(TEXTS["ru"], "ru") == "ru"


def test_kazakh_may_be_written_in_three_scripts():
    for text in (TEXTS["kk"], "Astanada jańa kópir ashyldy", "استانادا جاڭا كوپىر اشىلدى"):
        assert language_of(text, "kk") == "kk"


def test_what_has_no_letters_keeps_its_label():
    assert language_of("2026: 100 %", "zh") == "zh"
    assert language_of("", "") == ""


@pytest.mark.parametrize(
    ("label", "read"),
    [("en-US", "en"), ("zh_CN", "zh"), ("kz", "kk"), ("CN", "zh"), ("", ""), ("english", ""), ("x\x00", ""), ("1", "")],
)
def test_labels_are_reduced_to_the_language(label, read):
    assert code(label) == read
