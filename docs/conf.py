"""How Sphinx writes the documentation."""

import sys
from pathlib import Path

# The reference pages are made from the package beside this folder.
sys.path.insert(0, str(Path(__file__).parents[1]))

project = "edge_node"
author = "the edge_node developers"
language = "en"
extensions = ["myst_parser", "docs._ext.made_from_code"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3
# Two hyphens before an option stay two hyphens.
smartquotes = False
html_theme = "furo"
html_title = "edge_node"
html_copy_source = False
html_show_sphinx = False
# What is new is read from these notes when a release is made; each is one sentence without a heading.
exclude_patterns = ["news/*"]
