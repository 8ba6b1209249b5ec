"""The SOAP header of one message: its tokens, and what it says must be understood.

Knows: WS-Security with SAML assertions, the older AORTA authentication token, and the rule on header blocks.
Must not know: whether a token is genuine, or what it gives access to.
"""

from collections.abc import Callable
from typing import Final

from edge_node.errors import Refused
from edge_node.formats.names import AORTA_805, NEXT_ACTOR, SAML, SOAP, WSSE, WSU, local_name
from edge_node.model.identifiers import BSN_ROOT
from edge_node.model.message import Token

Attributes = dict[str, str]

#: Header blocks the node reads itself.
_KNOWN: Final = frozenset({f"{AORTA_805} authenticationTokens", *(f"{uri} Security" for uri in WSSE)})


class HeaderDraft:
    """Gathers tokens and the patient numbers in them while the header is read."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.bsns: list[str] = []
        self._id = ""
        self._not_after: str | None = None
        self._root = ""
        self._is_bsn = False

    def check_block(self, name: str, attributes: Attributes) -> None:
        """Refuse a block that we must understand and do not; those for another actor pass."""
        if attributes.get(f"{SOAP} mustUnderstand", "0").strip() not in {"1", "true"}:
            return
        if attributes.get(f"{SOAP} actor", "") in {"", NEXT_ACTOR} and name not in _KNOWN:
            raise Refused(f"header block {local_name(name)[:64]}", code="EN-SOAP-MUST-UNDERSTAND")

    def begin_token(self, attributes: Attributes) -> None:
        """An assertion or a signed datum begins."""
        self._id = attributes.get("ID") or attributes.get(f"{WSU} Id", "")
        self._not_after = None

    def end_saml(self) -> None:
        """The assertion ends."""
        self.tokens.append(Token(kind="saml", id=self._id, not_after=self._not_after))

    def end_805(self) -> None:
        """The signed data end."""
        self.tokens.append(Token(kind="aorta805", id=self._id, not_after=self._not_after))

    def conditions(self, attributes: Attributes) -> None:
        """The time window of an assertion."""
        self._not_after = attributes.get("NotOnOrAfter")

    def attribute(self, attributes: Attributes) -> None:
        """An attribute of an assertion begins."""
        self._is_bsn = attributes.get("Name") == "burgerServiceNummer"

    def attribute_value(self, text: str) -> None:
        """The value of the attribute begun."""
        if self._is_bsn:
            self.bsns.append(text)

    def not_after(self, text: str) -> None:
        """The end of the time window of the older token."""
        self._not_after = text.strip() or None

    def patient_root(self, text: str) -> None:
        """The root of the patient id of the older token."""
        self._root = text.strip()

    def patient_extension(self, text: str) -> None:
        """The extension of the patient id of the older token."""
        if self._root == BSN_ROOT:
            self.bsns.append(text)


# Tables by path below a header block, the block's own name left out.
_805: Final = f"{AORTA_805} "
_ATTRIBUTE: Final = f"/{SAML} Assertion/{SAML} AttributeStatement/{SAML} Attribute"
STARTS: Final[dict[str, Callable[[HeaderDraft, Attributes], None]]] = {
    f"/{SAML} Assertion": HeaderDraft.begin_token,
    f"/{SAML} Assertion/{SAML} Conditions": HeaderDraft.conditions,
    _ATTRIBUTE: HeaderDraft.attribute,
    f"/{_805}signedData": HeaderDraft.begin_token,
}
ENDS: Final[dict[str, Callable[[HeaderDraft], None]]] = {
    f"/{SAML} Assertion": HeaderDraft.end_saml,
    f"/{_805}signedData": HeaderDraft.end_805,
}
TEXTS: Final[dict[str, Callable[[HeaderDraft, str], None]]] = {
    f"{_ATTRIBUTE}/{SAML} AttributeValue": HeaderDraft.attribute_value,
    f"/{_805}signedData/{_805}authenticationData/{_805}notAfter": HeaderDraft.not_after,
    f"/{_805}signedData/{_805}coSignedData/{_805}patientId/{_805}root": HeaderDraft.patient_root,
    f"/{_805}signedData/{_805}coSignedData/{_805}patientId/{_805}extension": HeaderDraft.patient_extension,
}
