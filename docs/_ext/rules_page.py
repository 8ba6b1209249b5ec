"""The page of message rules: what is looked at, what it does in each direction, where it is written.

Knows: the rules of `edge_node/policy` with their weights and the source each docstring names.
Must not know: how a rule looks at a message.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from edge_node.model.finding import Severity
from edge_node.policy import answer_form
from edge_node.policy.check_catalogue import load
from edge_node.policy.judgement import RULES
from edge_node.policy.rule import MessageRule

_SAYS: Final = {Severity.BLOCK: "refused", Severity.WARN: "told", None: ""}
#: Where a site chooses what the check of a rule does.
_SITE: Final = "told, or as its [check](gbz-checks.md) is set"
_CODE: Final = re.compile(r"EN-[A-Z][A-Z-]+")
#: By the part of our reference a docstring names: the documents that part was read from.
_DOCUMENTS: Final = {
    "1": "AORTA identifiers (OIDs)",
    "2": "IH Berichttransport; AORTA WSDL",
    "3": "IH HL7v3 Berichtwrappers; AORTA schematrons",
    "4": "AORTA vocabulary of interactions",
    "6": "AORTA SAML transactietoken; IH Berichtauthenticatie",
    "10": "",
}
_OURS: Final = "this product"
TOPICS: Final = {
    "interaction": "Interaction",
    "qualification": "Qualification",
    "transport": "Envelope and address",
    "wrapper": "Transmission wrapper",
    "addressing": "Sender and receiver",
    "patient": "Patient",
    "attention": "Attention lines",
    "control_act": "Control act",
    "question": "Question",
    "user": "Author and overseer",
    "token": "Token",
    "supplied": "What the local system says beside the message",
}


def make() -> str:
    """Return one table a topic for requests, then one for answers."""
    tables = [_topic(name, [rule for rule in RULES if _topic_of(rule) == name]) for name in TOPICS]
    head = ["## Answers", "", "| rule | source |", "|---|---|"]
    answers = [f"| {_rule(check)} | {_source(check)} |" for check in answer_form.RULES]
    return "\n".join([*tables, *head, *answers, ""])


def _topic_of(rule: MessageRule) -> str:
    return rule.check.__module__.rpartition(".")[2]


def _topic(name: str, rules: Iterable[MessageRule]) -> str:
    head = [f"## {TOPICS[name]}", "", "| rule | code | sent by us | received | source |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, rules), ""])


def _row(rule: MessageRule) -> str:
    code = "<br>".join(f"`{code}`" for code in codes(rule.check))
    weights = (_weight(code, rule.on_send), _weight(code, rule.on_receipt))
    return f"| {_rule(rule.check)} | {code} | {weights[0]} | {weights[1]} | {_source(rule.check)} |"


def _weight(code: str, severity: Severity | None) -> str:
    is_sites = any(f"`{one}`" in code for check in load().values() for one in check.follows)
    return _SITE if is_sites and severity is not None else _SAYS[severity]


def codes(check: Callable[..., Any]) -> list[str]:
    """The codes a rule can give, as its function names them."""
    named = [value for name in check.__code__.co_names if isinstance(value := check.__globals__.get(name), str)]
    written = [value for value in check.__code__.co_consts if isinstance(value, str)]
    return sorted({value for value in (*named, *written) if _CODE.fullmatch(value)})


def _rule(check: Callable[..., Any]) -> str:
    text = (check.__doc__ or "").partition(" (")[0].rstrip(".")
    return text.replace("|", "\\|").replace("<", "&lt;")


def _source(check: Callable[..., Any]) -> str:
    named = (check.__doc__ or "").partition(" (")[2]
    found = [_DOCUMENTS[part] for part in re.findall(r"\b(\d+)\.\d+\b", named)]
    found += [_OURS] if "design" in named or "our assumption" in named else []
    return "; ".join(dict.fromkeys(document for document in found if document)) or "GBZ requirements"
