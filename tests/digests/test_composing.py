import re
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import SMTP, default

import pytest

from tests import factories
from tracker.digests.composing import compose
from tracker.digests.gathering import gather
from tracker.digests.message import message_of
from tracker.digests.plain import wrap
from tracker.multilingual import Texts

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def mail_for(subscription, end=NOW + DAY):
    return compose(gather(subscription, end=end))


@pytest.fixture
def eventful():
    """A declaration in which a day brought one of everything."""
    declaration = factories.declaration()
    done = factories.pledge(declaration, title=Texts(en="Second workshop", fr="Deuxième atelier"))
    late = factories.pledge(declaration, due_latest=date(2026, 11, 24), due_edtf="2026-11-24")
    editor = factories.editor(name="A. Serikova")
    cited = factories.evidence(done, added_at=NOW - DAY)
    factories.assessment(
        done,
        status="fulfilled",
        recorded_at=NOW + HOUR,
        recorded_by=editor,
        evidence=[cited],
        rationale=Texts(en="It opened on 30 August.", fr="Il a ouvert le 30 août."),
    )
    factories.evidence(late, added_at=NOW + HOUR, title="国家邮政局", language="zh", publisher="Xinhua")
    factories.suggestion(about=late, score="0.91", created_at=NOW + HOUR)
    return declaration


def test_subject_says_the_news_the_place_and_the_days(eventful):
    mail = mail_for(factories.follow(factories.editor(), eventful))
    assert mail.subject == "“Second workshop” fulfilled, 1 overdue, 1 new source: China–Kazakhstan, 24 Nov 2026"


def test_text_part_says_everything_in_72_columns(eventful):
    text = mail_for(factories.follow(factories.editor(), eventful)).text
    said = " ".join(text.split())
    for words in (
        "FOLLOWTHROUGH · 24 Nov 2026",
        "“Second workshop” is now fulfilled.",
        "1 passed its date.",
        "China–Kazakhstan, day 874: 1 of 2 pledges fulfilled, 0 partly, 1 overdue.",
        "1 ● Fulfilled 01",
        "· Not assessed to ● Fulfilled",
        "“It opened on 30 August.”",
        "A. Serikova, 24 Nov 2026. Cites 1 source.",
        "OVERDUE 02 Clean lake 2",
        "24 Nov 2026, 1 day ago.",
        "[Progress] 国家邮政局",
        "Xinhua, in Chinese",
        "1 article may be about a pledge you follow.",
        "0.91 02 Dredgers reach the lake",
        "every day at 08:00 (UTC), when there is news, because you follow 1 declaration.",
    ):
        assert words in said, words
    lines = text.splitlines()
    assert [line for line in lines if len(line) > 72 and "http" not in line] == []


def test_both_parts_tell_the_same(eventful):
    mail = mail_for(factories.follow(factories.editor(), eventful))
    for words in (
        "Second workshop",
        "It opened on 30 August.",
        "A. Serikova",
        "国家邮政局",
        "Overdue",
        "1 day ago",
        "0.91",
    ):
        assert words in mail.html, words
        assert words.lower() in mail.text.lower(), words
    links = set(re.findall(r"http://127\.0\.0\.1:8000[^\s\"]*", mail.html))
    assert links <= set(re.findall(r"http://127\.0\.0\.1:8000\S*", mail.text))
    assert not re.findall(r'(?:href|src)="(?!http://127\.0\.0\.1:8000)', mail.html), (
        "links carry the site's own address"
    )


def test_mail_speaks_the_persons_language(eventful):
    person = factories.editor(language="fr")
    mail = mail_for(factories.follow(person, eventful))
    assert "Deuxième atelier" in mail.subject
    assert "Chine–Kazakhstan" in mail.subject
    assert "24 nov. 2026" in mail.subject
    assert "Il a ouvert le 30 août." in mail.text
    assert '<html lang="fr">' in mail.html


def test_mail_tells_days_in_the_persons_time_zone():
    pledge = factories.pledge()
    factories.assessment(pledge, recorded_at=NOW.replace(hour=20))
    for place, day in (("UTC", "24 Nov 2026"), ("Asia/Almaty", "25 Nov 2026")):
        text = mail_for(factories.follow(factories.user(time_zone=place), pledge)).text
        assert f"Test Editor, {day}." in text


def test_html_brings_its_styles_and_no_code(eventful):
    html = mail_for(factories.follow(factories.editor(), eventful)).html
    assert "<script" not in html
    assert " on" not in " ".join(re.findall(r"<\w+([^>]*)>", html)).replace(" one", "")
    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<h1 class="ink" style="[^"]*font-size:\s*28px', html)
    assert "url(" not in html


def test_marks_of_a_title_cannot_break_out(eventful):
    pledge = eventful.pledges.first()
    pledge.title = Texts(en="Evil\r\nBcc: everyone@example.org <script>alert(1)</script>")
    pledge.save()
    mail = mail_for(factories.follow(factories.user(), eventful))
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert "<script>" not in mail.html
    assert "\nBcc" not in mail.text


def test_h14_500_items_are_cut_with_a_link_to_the_rest():
    declaration = factories.declaration(title=Texts(en="长" * 300), parties=[factories.party()])
    editor = factories.editor()
    for n in range(50):
        pledge = factories.pledge(declaration, title=Texts(en=f"{n} " + "湖" * 150), due_latest=date(2026, 11, 24))
        for _ in range(5):
            factories.assessment(pledge, recorded_at=NOW + HOUR, recorded_by=editor, rationale=Texts(en="理由" * 5000))
            factories.evidence(
                pledge, added_at=NOW + HOUR, title="新" * 500, language="zh", note=Texts(en="<>&" * 5000)
            )
    subscription = factories.follow(factories.user(), declaration)
    contents = gather(subscription, end=NOW + DAY)
    assert len(contents.items) == 550
    mail = compose(contents)
    assert len(mail.html.encode()) < 102_000
    assert len(mail.text.encode()) < 102_000
    assert re.search(r"\d+ more</a>", mail.html)
    assert re.search(r"\d+ more:\nhttp", mail.text)
    assert len(mail.subject) <= 250


def test_chinese_wraps_by_columns_and_addresses_stay_whole():
    lines = wrap("湖" * 100)
    assert [len(line) for line in lines] == [36, 36, 28]
    address = "https://example.org/" + "x" * 100
    assert wrap(f"see {address} there") == ["see", address, "there"]


# -- headers


@pytest.fixture
def digest():
    person = factories.user(email="reader@example.org")
    factories.follow(person, factories.pledge())
    subject = "“Lake” fulfilled" + ", Шу–Талас" * 15
    return factories.digest(person, subject=subject, text="text", html="<p>html</p>")


def test_h11_headers_let_mail_programs_unsubscribe_in_one_click(digest, settings):
    settings.SITE_URL = "https://followthrough.example-of-a-rather-long-name.org"
    raw = message_of(digest).message(policy=SMTP).as_bytes()
    (line,) = re.findall(rb"^List-Unsubscribe: (.*)\r$", raw, re.MULTILINE)
    assert re.fullmatch(rb"<https://followthrough\.example-of-a-rather-long-name\.org/unsubscribe/[\w:-]+/>", line)
    message = message_from_bytes(raw, policy=default)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Followthrough <digests.followthrough.example-of-a-rather-long-name.org>"
    assert message["Message-ID"] == digest.message_id
    assert message["Date"].datetime == NOW
    assert message["Subject"] == digest.subject
    assert (message["To"], message["Cc"], message["Bcc"]) == ("reader@example.org", None, None)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_h06_a_message_has_one_recipient(digest):
    assert message_of(digest).recipients() == ["reader@example.org"]
