"""How Sphinx makes the site. Nothing in it comes from another host."""

project = "tap-younium"
author = "The authors of tap-younium"
project_copyright = author
language = "en"

extensions = ["myst_parser"]
exclude_patterns = ["hub"]
nitpicky = True

myst_enable_extensions = ["fieldlist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "tap-younium"
html_favicon = "static/icon.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
