"""How Sphinx builds the site. Nothing in it comes from another host."""

from __future__ import annotations

from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "tap-younium"
author = "The authors of tap-younium"
project_copyright = author
version = metadata.version(project).partition("+")[0]
language = "en"

extensions = ["myst_parser", "sphinxcontrib.mermaid"]
exclude_patterns = ["hub"]
nitpicky = True

myst_enable_extensions = ["fieldlist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3

mermaid_use_local = "mermaid.mjs"
mermaid_fullscreen = False
mermaid_height = "auto"
mermaid_init_config = {
    "startOnLoad": False,
    "themeVariables": {"fontSize": "13px"},
    "themeCSS": ".edgeLabel { font-size: 12px; }",
    "er": {
        "diagramPadding": 4,
        "entityPadding": 6,
        "minEntityHeight": 24,
        "minEntityWidth": 40,
        "nodeSpacing": 6,
        "rankSpacing": 72,
        "useMaxWidth": False,
    },
}
mermaid_light_theme = "neutral"

html_theme = "furo"
# The theme has no place for a version, and none for a logo on a phone.
logo = Path(__file__).with_name("static").joinpath("icon.svg").read_text(encoding="utf-8")
html_title = f"{logo} tap-younium <small>{version}</small>"
html_short_title = "tap-younium"
html_favicon = "static/icon.svg"
html_static_path = ["static", str(files("mermaidx") / "assets" / "mermaid.js")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Prepare tables for phones."""
    app.connect("doctree-read", _label_cells)


def _label_cells(app: Sphinx, document: nodes.document) -> None:  # noqa: ARG001
    """Mark tables that are too wide for a phone, and label their cells.

    `site.css` shows them as lists there. Tables of figures stay tables.
    """
    for table in document.findall(nodes.table):
        head, *rows = table.findall(nodes.row)
        figures = any("text-right" in entry["classes"] for entry in head)
        if figures or all(len(row.astext()) <= _PHONE for row in rows):
            continue
        table["classes"].append("wide")
        for row in rows:
            for name, entry in list(zip(head, row, strict=True))[1:]:
                if (title := name.astext()) and entry.astext():
                    entry[0].insert(0, nodes.inline("", f"{title}: ", classes=["label"]))


_PHONE = 36
"""Letters of a row that fit on a phone."""
