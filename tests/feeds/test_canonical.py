import pytest

from tracker.feeds.canonical import canonical_hash, canonical_url, feed_key

SAME = [
    "https://example.kz/news/lake",
    "http://example.kz/news/lake",
    "HTTPS://WWW.Example.KZ:443/news/lake/",
    "https://m.example.kz/news/lake#comments",
    "https://amp.example.kz/news/lake?amp=1",
    "https://example.kz/news/lake/amp/",
    "https://example.kz/news/lake?utm_source=rss&utm_medium=feed&fbclid=x&yclid=1",
    "https://example.kz/news/%6Cake",
    "https://example.kz/amp/news/lake",
    "https://wap.example.kz/news/lake/index.html?ysclid=1&srsltid=2&gad_source=3",
    "https://example.kz/news/lake;jsessionid=0A1B?PHPSESSID=1",
    "https://www.google.com/amp/s/www.example.kz/news/lake",
    "https://example-kz.cdn.ampproject.org/c/s/example.kz/news/lake?amp=1",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_address_are_one(url):
    assert canonical_url(url) == "https://example.kz/news/lake"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.kz/a?id=1", "https://example.kz/a?id=2"),
        ("https://example.kz/a", "https://example.kz/A"),
        ("https://example.kz/a", "https://example.kz:8080/a"),
        ("https://example.kz/a", "https://kk.example.kz/a"),
        ("https://m.kz/a", "https://kz/a"),
        ("https://example.kz/index", "https://example.kz/"),
        ("https://www.google.com/amp", "https://amp"),
        ("https://example.kz/camp", "https://example.kz/c"),
    ],
)
def test_different_addresses_stay_different(one, other):
    assert canonical_url(one) != canonical_url(other)


def test_order_of_parameters_and_spelling_of_letters_do_not_count():
    assert canonical_url("https://x.kz/?b=2&a=1&amp;c=") == canonical_url("https://x.kz?a=1&b=2&c=")
    assert canonical_url("https://x.kz/жаңалық") == canonical_url(
        "https://x.kz/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B"
    )
    assert canonical_url("https://қаз.қаз/a") == canonical_url("https://xn--80ao21a.xn--80ao21a/a")


@pytest.mark.parametrize("url", [*SAME, "https://x.kz/%zz%", "https://x.kz/?%ff=%00", "https://x.kz/жаңалық?q=көл"])
def test_a_canonical_address_is_its_own_canonical_address(url):
    assert canonical_url(canonical_url(url)) == canonical_url(url)
    assert len(canonical_hash(url)) == 64


def test_spellings_of_one_feed_s_address_are_one_and_its_query_counts():
    same = ["https://x.kz/rss", "http://www.x.kz/rss/", "HTTPS://X.KZ:443/rss#top"]
    assert len({feed_key(url) for url in same}) == 1
    others = [
        *same[:1],
        "https://x.kz/rss?feed_id=2",
        "https://x.kz/rss?rss=1",
        "https://x.kz/RSS",
        "https://x.kz:81/rss",
    ]
    assert len({feed_key(url) for url in others}) == 5
