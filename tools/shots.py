"""Takes the README's pictures, and one of every page into var/shots, from the running program: with the shipped
declaration and a sample of articles."""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import gallery
from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM
from tests.feedserver import FeedServer
from tests.operations.program import DECLARATION, Program, manage, wait_until
from tests.serve_articles import feeds_of

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "samples" / "articles.jsonl"
PICTURES = ROOT / "docs" / "images"
GALLERY = ROOT / "var" / "shots"
PLEDGE = "CN-KZ-2024-11"
ACCOUNT = "editor@example.org"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (program, password):
        address = f"http://127.0.0.1:{program.port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB")
            shoot(page, address + "/", "declaration")
            shoot(page, f"{address}/pledges/{PLEDGE}/", "pledge")
            page.goto(f"{address}/account/login/")
            page.fill("input[name=login]", ACCOUNT)
            page.fill("input[name=password]", password)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            shoot(page, f"{address}/review/?language=en", "review")
            shoot(page, f"{address}/digest/", "digest")
            day = datetime.now(UTC).date().isoformat()
            gallery.take(browser, address, (ACCOUNT, password), GALLERY, pledge=PLEDGE, day=day)
            browser.close()


def shoot(page: Page, url: str, name: str) -> None:
    page.goto(url, wait_until="networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    sys.stdout.write(f"{name}.png\n")


@contextmanager
def running(folder: Path) -> Iterator[tuple[Program, str]]:
    """The program with the sample polled and looked through, and the password; it speaks to this machine only."""
    hosts = tuple(f"127.0.0.{number}" for number in range(1, 6))
    data, opml = folder / "data", folder / "feeds.opml"
    with FeedServer(hosts=hosts) as server:
        network = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FETCH_ALLOWED_PORTS": str(server.port)}
        opml.write_text(serve_sample(server, hosts))
        manage("migrate", data=data)
        manage("load_declaration", str(DECLARATION), data=data)
        manage("load_feeds", str(opml), data=data, **network)
        password = re.search(r"password (\S+)", manage("set_up", "--without-data", data=data).stdout)[1]
        with Program(data, TICK_SECONDS="1", **network) as program:
            wait_until(lambda: program.rows("SELECT 1 FROM matching_suggestion LIMIT 1"), 60)
            yield program, password


def serve_sample(server: FeedServer, hosts: tuple[str, ...]) -> str:
    """A feed in each language on an address of its own, and the list of them."""
    outlines = []
    for host, (language, document) in zip(hosts, feeds_of(SAMPLE).items(), strict=True):
        server.serve(f"/{language}.xml", document, "application/xml")
        url = server.url(f"/{language}.xml", host)
        outlines.append(f'<outline type="rss" text="News in {language}" xmlUrl="{url}"/>')
    return f'<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'


if __name__ == "__main__":
    main()
