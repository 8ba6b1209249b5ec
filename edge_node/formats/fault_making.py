"""The SOAP 1.1 faults the node answers with.

Knows: the parts of a fault, how the page of a code is told in it.
Must not know: what went wrong, HTTP.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from edge_node.errors import PAGES, Page
from edge_node.formats.names import EDGE_NODE, SOAP

_S: Final = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
_PLAIN: Final = ElementMaker()
_E: Final = ElementMaker(namespace=EDGE_NODE, nsmap={"en": EDGE_NODE})


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReport:
    """What is told in a fault; the rest is on the page of `code`."""

    code: str  # one of `errors.PAGES`
    detail: str = ""
    retry_after_s: float | None = None
    actor: str = "urn:edge-node"
    correlation: str = ""


def soap_fault(report: FaultReport) -> bytes:
    """A whole envelope with one Fault: `soap:Client` when the same request will never do, else `soap:Server`."""
    page = PAGES[report.code]
    retry_after = "" if report.retry_after_s is None or not page.retry else str(ceil(report.retry_after_s))
    told = {
        "code": report.code,
        "hl7Code": page.hl7 or "",
        "side": page.side.value,
        "retry": "yes" if page.retry else "no",
        "retryAfter": retry_after,
        "what": page.what,
        "detail": report.detail,
        "do": page.do,
        "correlation": report.correlation,
    }
    fault = _S(
        "Fault",
        _PLAIN("faultcode", _fault_code(report.code, page)),
        _PLAIN("faultstring", f"{report.code}: {page.what}"),
        _PLAIN("faultactor", _printable(report.actor)),
        _PLAIN("detail", _E("fault", *(_E(name, _printable(text)) for name, text in told.items() if text))),
    )
    return etree.tostring(_S("Envelope", _S("Body", fault)), xml_declaration=True, encoding="UTF-8")


def _fault_code(code: str, page: Page) -> str:
    if code == "EN-SOAP-MUST-UNDERSTAND":
        return "soap:MustUnderstand"
    return "soap:Server" if page.retry else "soap:Client"


def _printable(text: str) -> str:
    # XML cannot hold control characters, and a detail may name something from outside.
    return "".join(sign if sign.isprintable() else " " for sign in text)
