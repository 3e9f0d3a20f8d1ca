"""The built site in a browser: `uv run --group site pytest tests/site`."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Look = Callable[..., "View"]

ROOT = Path(__file__).parents[2]
SITE = ROOT / "output" / "site"
PAGES = {
    "index.html": "tap-younium",
    "streams/subscriptions.html": "subscriptions",
    "joins.html": "How tables join",
    "permissions.html": "Permissions",
    "settings.html": "Settings",
    "types.html": "Types per warehouse",
    "pace.html": "Rate limits and pace",
    "compare.html": "Compare",
    "troubleshooting.html": "Troubleshooting",
    "performance.html": "Performance",
    "analytics.html": "From tables to figures",
    "scale.html": "Millions of rows",
    "recipes/sql.html": "SQL",
}
"""The pages to check, and the start of their titles."""
WIDTHS = (1280, 390)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
)


@dataclass
class View:
    """An open page, its errors, and the addresses that it requested."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda it: self.complaints.append(str(it)))
        self.page.on("requestfailed", lambda it: self.complaints.append(it.url))
        self.page.on("request", lambda it: self.asked.append(it.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail if they must not be skipped."""
    if os.environ.get("REQUIRE_SITE"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def newest(files: Iterable[Path]) -> float:
    """When the newest of some files was written."""
    return max((file.stat().st_mtime for file in files), default=0)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """Check that the site exists and was built from the current `docs`."""
    sources = (file for file in (ROOT / "docs").rglob("*.*") if file.suffix != ".pyc")
    if newest(SITE.rglob("*.*")) < newest(sources):
        missing("The site is not built, or is older than docs: CONTRIBUTING says how to build it")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the site."""
    handler = partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def look(browser: Browser, address: str) -> Iterator[Look]:
    """Opens a page in a window of the given width."""
    with ExitStack() as opened:

        def look(page: str, width: int = WIDTHS[0], *, dark: bool = False) -> View:
            view = View(
                browser.new_page(
                    viewport={"width": width, "height": 900},
                    color_scheme="dark" if dark else "light",
                )
            )
            opened.callback(view.page.close)
            view.page.goto(address + page)
            return view

        yield look


# Appearance


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_is_complete(path: str, width: int, look: Look, address: str) -> None:
    view = look(path, width)
    assert view.page.title().startswith(PAGES[path])
    assert view.page.evaluate("innerWidth") == width
    assert view.page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = "[...document.images].filter(it => !it.complete || !it.naturalWidth).length"
    assert view.page.evaluate(pictures) == 0
    assert view.complaints == []
    assert [url for url in view.asked if not url.startswith((address, "data:"))] == []


def test_the_plot_is_shown(look: Look) -> None:
    plot = look("performance.html").page.locator("article img").first
    assert plot.evaluate("it => it.naturalWidth") > 300


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pictures_of_figures_are_whole_on_a_phone(dark: bool, look: Look) -> None:  # noqa: FBT001
    """Their smallest text has 11 points at 5 inches, so 10 pixels at 327 pixels."""
    pictures = look("analytics.html", 390, dark=dark).page.locator("article img").all()
    assert pictures
    for picture in pictures:
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] >= 327
        assert box["x"] + box["width"] <= 390
        assert picture.evaluate("it => getComputedStyle(it).filter").startswith("invert") is dark


def test_a_wide_table_is_a_list_on_a_phone(look: Look) -> None:
    """Each cell is as wide as the page, with the title of its column."""
    page = look("streams/invoice_lines.html", 390).page
    cells = page.locator("table.wide tbody tr").first.locator("td").all()
    assert [cell.inner_text() for cell in cells][:2] == ["id", "type: uuid"]
    widths = [cell.evaluate("it => it.clientWidth") for cell in cells]
    assert min(widths) > 300
    assert not look("streams/invoice_lines.html").page.locator("table .label").first.is_visible()


def test_the_header_has_the_logo_and_the_version(look: Look) -> None:
    for width, brand in zip(WIDTHS, (".sidebar-brand", ".mobile-header .brand"), strict=True):
        header = look("index.html", width).page.locator(brand)
        assert header.locator("svg").is_visible()
        assert re.search(r"\d+\.\d+", header.inner_text())


def diagrams(view: View) -> Locator:
    """The diagrams of the page on joins, once Mermaid has drawn them."""
    view.page.wait_for_function(
        "[...document.querySelectorAll('pre.mermaid')].every(it => it.querySelector('svg'))"
    )
    return view.page.locator("pre.mermaid")


@pytest.mark.parametrize("width", [320, 700, 1000, 1100, 1320, 1600, 2000])
def test_a_wide_diagram_does_not_widen_the_page(width: int, look: Look) -> None:
    view = look("joins.html", width)
    diagrams(view)
    assert view.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_diagram_can_be_read(width: int, look: Look, address: str) -> None:
    """It is whole, with text of at least 10 pixels, in its frame that would scroll."""
    view = look("joins.html", width)
    frames = diagrams(view)
    assert frames.count() == 12
    assert frames.evaluate_all("all => all.every(it => it.clientWidth <= innerWidth)")
    assert frames.evaluate_all("all => all.every(it => getComputedStyle(it).overflowX == 'auto')")
    cut = "all => all.filter(it => it.scrollWidth > it.clientWidth).map(it => it.textContent)"
    assert frames.evaluate_all(cut) == []
    texts = view.page.locator("pre.mermaid .nodeLabel")
    assert texts.count() > 40
    sizes = texts.evaluate_all(
        "all => all.map(it => parseFloat(getComputedStyle(it).fontSize) * it.currentCSSZoom)"
    )
    assert min(sizes) >= 10
    assert view.complaints == []
    assert [url for url in view.asked if not url.startswith((address, "data:"))] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_diagram_stands_out_from_the_page(dark: bool, look: Look) -> None:  # noqa: FBT001
    view = look("joins.html", dark=dark)
    diagrams(view)

    def colours(selector: str, kind: str) -> list[float]:
        found = view.page.locator(f"pre.mermaid {selector}")
        values = found.evaluate_all(f"all => all.map(it => getComputedStyle(it).{kind})")
        return [luminance(value) for value in set(values)]

    ground = luminance(
        view.page.locator("body").evaluate("it => getComputedStyle(it).backgroundColor")
    )
    assert (ground < 0.2) is dark
    (text,) = colours(".nodeLabel", "color")
    (box,) = colours(".node rect.basic", "fill")
    assert contrast(text, box) >= 4.5
    (label,) = colours(".edgeLabel p", "color")
    assert contrast(label, ground) >= 4.5
    (line,) = colours(".relationshipLine", "stroke")
    assert contrast(line, ground) >= 3


def luminance(colour: str) -> float:
    """The brightness of a colour, by the guidelines on accessibility."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


COLUMN = re.compile(r"^\| `(\w+)` \| `[\w-]+` \| (.*) \|$", re.MULTILINE)
UNFOUND = """queries => queries.filter(([query, page]) => {
    const found = Search._performSearch(...Search._parseQuery(query));
    return !found.some(([name]) => name == page);
})"""
"""Which queries do not find their page, without the time that the list of results takes."""


def test_the_search_finds_each_column_by_its_name_and_by_its_meaning(look: Look) -> None:
    queries = []
    for file in (ROOT / "docs" / "streams").glob("*.md"):
        for name, meaning in COLUMN.findall(file.read_text(encoding="utf-8")):
            plain = re.sub(r"\]\(.*?\)", "]", meaning)
            queries += [(text, f"streams/{file.stem}") for text in (name, plain) if text]
    assert len(queries) > 1900
    page = look("search.html?q=invoice_lines").page
    page.locator("#search-results li").first.wait_for()
    assert page.evaluate(UNFOUND, queries) == []


# Links


class Reader(HTMLParser):
    """The links, loaded addresses and anchors of a page."""

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


def test_each_link_within_the_site_has_a_target() -> None:
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
