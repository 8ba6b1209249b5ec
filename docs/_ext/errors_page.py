"""The page of error codes.

Knows: the pages in `edge_node/errors.py`.
Must not know: where an error is raised.
"""

from edge_node.errors import PAGES, Page


def make() -> str:
    """Return one section a code, in the order of the alphabet: people come here with a code in hand."""
    return "\n".join(_section(code, PAGES[code]) for code in sorted(PAGES))


def _section(code: str, page: Page) -> str:
    retry = "yes, it may work later" if page.retry else "no, not as it is"
    lines = [f"## {code}", "", page.what, "", f"- **Fault at:** {page.side}", f"- **Send again:** {retry}"]
    lines.append(f"- **Do:** {page.do}")
    if page.hl7 is not None:
        lines.append(f"- **HL7 detail code:** `{page.hl7}`")
    return "\n".join(_plain(line) for line in [*lines, ""])


def _plain(line: str) -> str:
    # <Service> in a sentence is text, not HTML.
    return line.replace("<", "&lt;").replace(">", "&gt;")
