"""The page of FHIR requests: the rules they are held against, and the HTTP status of each error.

Knows: the FHIR rules of `edge_node/policy` with the source each docstring names, the statuses.
Must not know: how a rule looks at a request.
"""

import re
from collections import defaultdict
from typing import Final

from docs._ext.rules_page import codes
from edge_node.errors import PAGES
from edge_node.formats.fhir_outcome import status_of
from edge_node.policy.fhir_case import FhirRule
from edge_node.policy.fhir_judgement import RULES

#: By what a docstring names: the document people can look it up in.
_DOCUMENTS: Final = {
    "domain reference 4": "AORTA vocabulary of interactions",
    "domain reference 7": "AORTA on FHIR, Interfaces Resource Server",
    "FHIR RESTful API": "HL7 FHIR, RESTful API",
    "GBZ ": "GBZ requirements",
}
_SOURCE: Final = re.compile(r"\(([^()]*)\)")


def make() -> str:
    """Return the table of rules, then that of statuses."""
    rules = ["## Rules", "", "| rule | code | source |", "|---|---|---|", *map(_row, RULES), ""]
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in sorted(PAGES):
        by_status[status_of(code)].append(f"`{code}`")
    statuses = [f"| {status} | {', '.join(by_status[status])} |" for status in sorted(by_status)]
    return "\n".join([*rules, "## Statuses", "", "| status | codes |", "|---|---|", *statuses, ""])


def _row(rule: FhirRule) -> str:
    text = " ".join((rule.__doc__ or "").split())
    sentence = text.partition(" (")[0].partition(". ")[0].rstrip(".")
    found = codes(rule) or codes(_delegate(rule))
    return f"| {sentence} | {'<br>'.join(f'`{code}`' for code in found)} | {_source(text)} |"


def _delegate(rule: FhirRule) -> FhirRule:
    """The function a rule hands on to, where its code is given."""
    named = (rule.__globals__.get(name) for name in rule.__code__.co_names)
    return next((it for it in named if callable(it) and it.__module__ == rule.__module__), rule)


def _source(text: str) -> str:
    for named in _SOURCE.findall(text):
        if named.startswith("AORTA on FHIR"):
            return named
        for start, document in _DOCUMENTS.items():
            if named.startswith(start):
                return document
    return "this product"
