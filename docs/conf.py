"""Sphinx configuration."""

from emotriage import __version__

project = "emotriage"
author = "The emotriage authors"
copyright = "2026, the emotriage authors"
version = release = __version__
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "emotriage"
exclude_patterns = ["_build"]
