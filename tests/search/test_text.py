import pytest

from tracker.search.text import language_of, stem, words


def surfaces(text):
    return [word for word, _start, _end in words(text)]


def test_words_stand_where_they_are_said_to_stand():
    text = "L’Asie: Kazakhstan’s “旅游年” in 2025—e-commerce!"
    assert all(text[start:end] == word for word, start, end in words(text))


def test_an_english_possessive_is_no_word():
    assert surfaces("Kazakhstan's year, China’s visit") == ["Kazakhstan", "year", "China", "visit"]


def test_chinese_gives_one_word_per_character():
    assert surfaces("中国AI年2025") == ["中", "国", "AI", "年", "2025"]


def test_vowel_signs_of_indian_scripts_do_not_cut_a_word():
    assert surfaces("चीन और कजाकिस्तान।") == ["चीन", "और", "कजाकिस्तान"]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["investment", "Investments", "invests"]),
        ("fr", ["chinois", "chinoise", "chinoises"]),
        ("ru", ["Китай", "Китая", "Китаем", "Китаю"]),
        ("ru", ["Казахстан", "Казахстана", "Казахстаном", "Казахстане"]),
        ("ru", ["мастерская", "мастерской", "мастерские"]),
        ("kk", ["Қазақстан", "Қазақстанға", "Қазақстанның", "Қазақстандағы"]),
        ("kk", ["шеберхана", "шеберханасы", "шеберханалары", "шеберханаларының"]),
        ("kk", ["сауда", "саудасы", "сауданы", "саудаға"]),
        ("zh", ["貿", "贸"]),
    ],
)
def test_forms_of_one_word_meet(language, forms):
    assert len({stem(form, language) for form in forms}) == 1


@pytest.mark.parametrize(
    ("tag", "text", "language"),
    [
        ("zh-Hans", "", "zh"),
        ("FR_ca", "", "fr"),
        ("", "哈萨克斯坦", "zh"),
        ("", "Қазақстан мен Қытай", "kk"),
        ("", "Казахстан и Китай", "ru"),
        ("", "Lakes", "en"),
    ],
)
def test_letters_suggest_the_language_where_none_is_given(tag, text, language):
    assert language_of(tag, text) == language


def test_half_a_character_is_a_word_like_any_other():
    assert stem("ab\ud800", "en") == "ab\ud800"
