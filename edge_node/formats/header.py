"""The SOAP header of one message: its tokens, and what it says must be understood.

Knows: WS-Security with SAML assertions, the older AORTA authentication token, where they stand, and the rule on
header blocks.
Must not know: whether a token is genuine, or what it gives access to.
"""

from collections.abc import Callable
from typing import Final

from edge_node.errors import Refused
from edge_node.formats.names import AORTA_805, HL7, NEXT_ACTOR, SAML, SOAP, WSSE, WSU, block_shown, local_name
from edge_node.model.identifiers import BSN_ROOT
from edge_node.model.message import Binding, Token

Attributes = dict[str, str]

#: Attributes of a transaction token (domain reference 6.4), by what they bind it to.
_BOUND: Final = {
    "messageIdRoot": "message_root",
    "messageIdExt": "message_extension",
    "interactionId": "interaction",
    "applicationID": "application",
    "contextCode": "context",
}
#: Header blocks the node reads itself.
_SECURITY: Final = frozenset(f"{uri} Security" for uri in WSSE)
_TOKENS_805: Final = f"{AORTA_805} authenticationTokens"
_KNOWN: Final = frozenset({_TOKENS_805, *_SECURITY})
_READ: Final = frozenset({"burgerServiceNummer", *_BOUND})
_NO: Final = frozenset({"", "0", "false"})


class HeaderDraft:
    """Gathers tokens and the patient numbers in them while the header is read."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.bsns: list[str] = []
        self._secured: set[str] = set()  # actors with a Security block
        self._id = ""
        self._not_after: str | None = None
        self._has_end = False
        self._patient: dict[str, str] = {}
        self._attribute = ""
        self._bound: dict[str, str] = {}

    def check_block(self, name: str, attributes: Attributes) -> None:
        """Refuse a block that we must understand and do not, or that does not belong in a header."""
        self.check_place("/" + name, name)
        actor = attributes.get(f"{SOAP} actor", "").strip()
        if name in _SECURITY:
            self._check_actor(actor)
        if attributes.get(f"{SOAP} mustUnderstand", "").strip() in _NO:
            return
        if actor in {"", NEXT_ACTOR} and name not in _KNOWN:
            raise Refused(f"header block {block_shown(local_name(name))}", code="EN-SOAP-MUST-UNDERSTAND")

    def _check_actor(self, actor: str) -> None:
        # WS-Security 1.0, section 5: no two Security blocks have the same actor.
        if actor in self._secured:
            raise Refused("two Security blocks for one actor", code="EN-XML-AMBIGUOUS")
        self._secured.add(actor)

    @staticmethod
    def check_place(path: str, name: str) -> None:
        """Refuse a token or a message where none is read: another reader might take just that one."""
        if name.startswith(f"{HL7} ") and "_IN" in name:
            raise Refused("the Header holds a message", code="EN-SOAP-ENVELOPE")
        if name in _TOKENS and not path.startswith(_PLACES):
            raise Refused(f"{local_name(name)} at a place of no token", code="EN-XML-AMBIGUOUS")

    def check_value_is_whole(self, path: str) -> None:
        """Refuse an element inside a value: some readers would take the text before it, some all of it."""
        if self.reads(path):
            raise Refused("an element splits a value", code="EN-XML-AMBIGUOUS")

    def reads(self, path: str) -> bool:
        """Whether the text there is a value. Of most attributes it is not, and one may hold a whole scan."""
        return path in TEXTS and (path not in _VALUES or self._attribute in _READ)

    def begin_token(self, attributes: Attributes) -> None:
        """An assertion or a signed datum begins."""
        self._id = attributes.get("ID") or attributes.get(f"{WSU} Id", "")
        self._not_after, self._has_end = None, False
        self._bound = {}

    def end_saml(self) -> None:
        """The assertion ends."""
        self._end("saml")

    def end_805(self) -> None:
        """The signed data end."""
        self._end("aorta805")

    def _end(self, kind: str) -> None:
        binding = Binding(**self._bound)
        self.tokens.append(Token(kind=kind, id=self._id, not_after=self._not_after, binding=binding))

    def conditions(self, attributes: Attributes) -> None:
        """The time window of an assertion."""
        self._end_once(attributes.get("NotOnOrAfter"))

    def attribute(self, attributes: Attributes) -> None:
        """An attribute of an assertion begins."""
        self._attribute = attributes.get("Name", "")

    def attribute_value(self, text: str) -> None:
        """The value of the attribute begun."""
        if self._attribute == "burgerServiceNummer":
            self.bsns.append(text)
        elif self._attribute in _BOUND:
            self.bind(_BOUND[self._attribute], text)

    def bind(self, field: str, text: str) -> None:
        """What a token was made for. Said twice, once differently, it is made for neither."""
        text = text.strip()
        self._bound[field] = text if self._bound.get(field, text) == text else ""

    def not_after(self, text: str) -> None:
        """The end of the time window of the older token."""
        self._end_once(text.strip() or None)

    def _end_once(self, moment: str | None) -> None:
        if self._has_end:
            raise Refused("the time window of a token is doubled", code="EN-XML-AMBIGUOUS")
        self._has_end, self._not_after = True, moment

    def begin_patient(self, _: Attributes) -> None:
        """The patient id of the older token begins."""
        self._patient = {}

    def patient_root(self, text: str) -> None:
        """The root of the patient id of the older token."""
        self._take_patient("root", text.strip())

    def patient_extension(self, text: str) -> None:
        """The extension of the patient id of the older token."""
        self._take_patient("extension", text)

    def end_patient(self) -> None:
        """The patient id of the older token ends: its parts may stand in any order."""
        if self._patient.get("root") == BSN_ROOT:
            self.bsns.append(self._patient.get("extension", ""))

    def _take_patient(self, part: str, text: str) -> None:
        if part in self._patient:
            raise Refused(f"{part} of a patient id is doubled", code="EN-XML-AMBIGUOUS")
        self._patient[part] = text


def _bind(field: str) -> Callable[[HeaderDraft, str], None]:
    return lambda draft, text: draft.bind(field, text)


# Tables by path from the header block on.
_805: Final = f"{AORTA_805} "
_DATUM_805: Final = f"/{_TOKENS_805}/{_805}signedData"
_PATIENT_805: Final = f"{_DATUM_805}/{_805}coSignedData/{_805}patientId"
_ASSERTIONS: Final = tuple(f"/{block}/{SAML} Assertion" for block in sorted(_SECURITY))
_ATTRIBUTE: Final = f"/{SAML} AttributeStatement/{SAML} Attribute"
_VALUES: Final = frozenset(f"{assertion}{_ATTRIBUTE}/{SAML} AttributeValue" for assertion in _ASSERTIONS)
#: What is a token, and where it is read; what a token encloses is its own affair.
_TOKENS: Final = frozenset({f"{SAML} Assertion", f"{_805}signedData"})
_PLACES: Final = (*_ASSERTIONS, _DATUM_805)
STARTS: Final[dict[str, Callable[[HeaderDraft, Attributes], None]]] = {
    **dict.fromkeys(_ASSERTIONS, HeaderDraft.begin_token),
    **{f"{assertion}/{SAML} Conditions": HeaderDraft.conditions for assertion in _ASSERTIONS},
    **{f"{assertion}{_ATTRIBUTE}": HeaderDraft.attribute for assertion in _ASSERTIONS},
    _DATUM_805: HeaderDraft.begin_token,
    _PATIENT_805: HeaderDraft.begin_patient,
}
ENDS: Final[dict[str, Callable[[HeaderDraft], None]]] = {
    **dict.fromkeys(_ASSERTIONS, HeaderDraft.end_saml),
    _DATUM_805: HeaderDraft.end_805,
    _PATIENT_805: HeaderDraft.end_patient,
}
TEXTS: Final[dict[str, Callable[[HeaderDraft, str], None]]] = {
    **{f"{assertion}{_ATTRIBUTE}/{SAML} AttributeValue": HeaderDraft.attribute_value for assertion in _ASSERTIONS},
    **{f"{assertion}/{SAML} Subject/{SAML} NameID": _bind("subject") for assertion in _ASSERTIONS},
    **{f"{assertion}/{SAML} Issuer": _bind("issuer") for assertion in _ASSERTIONS},
    f"{_DATUM_805}/{_805}authenticationData/{_805}notAfter": HeaderDraft.not_after,
    f"{_DATUM_805}/{_805}authenticationData/{_805}messageId/{_805}root": _bind("message_root"),
    f"{_DATUM_805}/{_805}authenticationData/{_805}messageId/{_805}extension": _bind("message_extension"),
    f"{_DATUM_805}/{_805}coSignedData/{_805}triggerEventId": _bind("trigger_event"),
    f"{_PATIENT_805}/{_805}root": HeaderDraft.patient_root,
    f"{_PATIENT_805}/{_805}extension": HeaderDraft.patient_extension,
}
