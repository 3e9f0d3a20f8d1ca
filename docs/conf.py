"""How Sphinx builds the site. Nothing in it comes from another host."""

from importlib.resources import files

project = "tap-younium"
author = "The authors of tap-younium"
project_copyright = author
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
    "er": {
        "diagramPadding": 8,
        "entityPadding": 8,
        "minEntityHeight": 30,
        "minEntityWidth": 60,
        "nodeSpacing": 30,
        "rankSpacing": 60,
        "useMaxWidth": False,
    },
}
mermaid_light_theme = "neutral"

html_theme = "furo"
html_title = "tap-younium"
html_favicon = "static/icon.svg"
html_static_path = ["static", str(files("mermaidx") / "assets" / "mermaid.js")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
