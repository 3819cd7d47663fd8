import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

DOCUMENT = """<rss version="2.0"><channel><title>Озеро</title><link>/</link><language>ru</language><item>
<title>Земснаряды вышли на озеро</title><link>/1</link><guid>n-1</guid><author>Анна</author>
<pubDate>24 нояб. 2026 08:00 МСК</pubDate><description>&lt;p&gt;Работы начались.&lt;/p&gt;</description>
</item><item><link>/2</link><title>Report of the year</title><pubDate>2025</pubDate></item></channel></rss>"""


def told(tmp_path, body, **options):
    path = tmp_path / "feed.xml"
    path.write_bytes(body)
    out = StringIO()
    call_command("parse_feed", str(path), url="https://news.example.org/feed", stdout=out, **options)
    return out.getvalue()


def test_it_prints_what_the_parser_made_of_a_file(tmp_path):
    feed = json.loads(told(tmp_path, DOCUMENT.encode("windows-1251"), json=True))
    assert (feed["title"], feed["link"], feed["language"]) == ("Озеро", "https://news.example.org/", "ru")
    first, second = feed["entries"]
    assert first == {
        "id": "n-1",
        "link": "https://news.example.org/1",
        "title": "Земснаряды вышли на озеро",
        "author": "Анна",
        "published": "2026-11-24T05:00:00Z",
        "published_raw": "24 нояб. 2026 08:00 МСК",
        "language": "ru",
        "summary": "Работы начались.",
        "content": "",
    }
    assert (second["published"], second["language"]) == ("2025", "en")


def test_it_prints_it_for_people_too(tmp_path):
    text = told(tmp_path, DOCUMENT.encode())
    assert text.startswith("Озеро: 2 entries\n")
    assert "  title:         Земснаряды вышли на озеро\n" in text
    assert "content:" not in text


def test_no_feed_is_a_finding_and_no_failure(tmp_path):
    assert json.loads(told(tmp_path, b"%PDF-1.7", json=True)) == {
        "error": "This is neither XML nor JSON.",
        "entries": [],
    }
    assert told(tmp_path, b"") == "The document is empty. Nothing was read.\n"


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CommandError, match=r"Cannot read .*: No such file"):
        call_command("parse_feed", str(tmp_path / "none.xml"))
