"""The built site, as a browser shows it: `uv run pytest tests/site`, once it is built."""

from __future__ import annotations

import os
import re
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

import pytest
from browser import Browser, program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
SITE = ROOT / "output" / "site"
PAGES = {
    "index.html": "tap-younium",
    "tables/subscriptions.html": "subscriptions",
    "joins.html": "How tables join",
    "settings.html": "Settings",
    "troubleshooting.html": "Troubleshooting",
    "performance.html": "Performance",
    "recipes/sql.html": "SQL",
}
"""The pages that are looked at, and how their titles begin."""
WIDTHS = (1280, 390)


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail where they must not be skipped."""
    if os.environ.get("REQUIRE_SITE"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def newest(files: Iterable[Path]) -> float:
    """When the newest of some files was written."""
    return max((file.stat().st_mtime for file in files), default=0)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """See that the site is there, and built from what is in `docs` now."""
    sources = (file for file in (ROOT / "docs").rglob("*.*") if file.suffix != ".pyc")
    if newest(SITE.rglob("*.*")) < newest(sources):
        missing("The site is not built, or is older than docs: README says how to build it")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the site is served."""
    handler = partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program()
    if path is None:
        missing("Chromium is not installed: apt-get install chromium")
    with Browser(path) as found:
        yield found


# As it looks


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_and_is_whole(page: str, width: int, browser: Browser, address: str) -> None:
    browser.open(address + page, width)
    assert browser.value("document.title").startswith(PAGES[page])
    assert browser.value("innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.complaints == []
    pictures = "[...document.images].filter(it => !it.complete || !it.naturalWidth).length"
    assert browser.value(pictures) == 0
    others = [url for url in browser.asked if not url.startswith((address, "data:"))]
    assert others == []


def test_the_plot_is_there(browser: Browser, address: str) -> None:
    browser.open(f"{address}performance.html", WIDTHS[0])
    assert browser.value("document.querySelector('article img').naturalWidth") > 300


@pytest.mark.parametrize("width", [320, 700, 1000, 1100, 1320, 1600, 2000])
def test_a_wide_picture_widens_no_page(width: int, browser: Browser, address: str) -> None:
    browser.open(f"{address}joins.html", width)
    assert browser.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_of_joins_can_be_read(width: int, browser: Browser, address: str) -> None:
    """Its text is text in its full size; where it is wider than the page, its frame scrolls."""
    browser.open(f"{address}joins.html", width)
    frames = "[...document.querySelectorAll('.diagram')]"
    assert browser.value(f"{frames}.length") == 13
    assert browser.value(f"{frames}.every(it => it.clientWidth <= innerWidth)")
    assert browser.value(f"{frames}.every(it => getComputedStyle(it).overflowX == 'auto')")
    texts = "[...document.querySelectorAll('.diagram text')]"
    assert browser.value(f"{texts}.length") > 300
    assert browser.value(f"Math.min(...{texts}.map(it => it.getBoundingClientRect().height))") > 12


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_picture_stands_out_from_the_page(dark: bool, browser: Browser, address: str) -> None:  # noqa: FBT001
    browser.open(f"{address}joins.html", WIDTHS[0], dark=dark)

    def colour(selector: str, kind: str) -> float:
        of = f"getComputedStyle(document.querySelector('{selector}')).{kind}"
        return luminance(browser.value(of))

    page, box = colour("body", "backgroundColor"), colour(".er .box", "fill")
    assert (page < 0.2) is dark
    for text in (".er .name", ".er .dim", ".er .link"):
        assert contrast(colour(text, "fill"), box) >= 4.5, text
    assert contrast(colour(".er .line", "stroke"), page) >= 3


def luminance(colour: str) -> float:
    """How bright a colour is, as the guidelines on accessibility count it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_search_finds_a_table(browser: Browser, address: str) -> None:
    browser.open(f"{address}search.html?q=invoice_lines", WIDTHS[0])
    found = "document.querySelectorAll('#search-results li').length"
    assert browser.value(
        f"new Promise(done => {{ const wait = () => {found} ? done({found}) : "
        "setTimeout(wait, 50); wait(); })"
    )


# As it is linked


class Reader(HTMLParser):
    """What a page of the site links, loads and can be linked by."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in {"img", "script", "iframe", "source"} and "src" in given:
            self.loads.append(given["src"])
        elif tag == "link":
            self.loads.append(given["href"])


@cache
def reader(file: Path) -> Reader:
    found = Reader()
    found.feed(file.read_text(encoding="utf-8"))
    return found


def test_each_link_within_the_site_leads_somewhere() -> None:
    files = list(SITE.rglob("*.html"))
    assert len(files) > 85
    links = [(file, link) for file in files for link in reader(file).links + reader(file).loads]
    inner = [(file, urlsplit(link)) for file, link in links if not urlsplit(link).scheme]
    assert len(inner) > 5000
    dead = set()
    for file, link in inner:
        target = (file.parent / unquote(link.path)).resolve() if link.path else file
        there = target.is_file()
        if there and link.fragment and target.suffix == ".html":
            there = unquote(link.fragment) in reader(target).ids
        if not there:
            dead.add((file.name, link.geturl()))
    assert dead == set()


def test_nothing_is_loaded_from_elsewhere() -> None:
    for file in SITE.rglob("*.html"):
        assert not [it for it in reader(file).loads if re.match(r"(\w+:)?//", it)], file
    for file in SITE.rglob("*.css"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\([\"']?(\w+:)?//", text), file
