"""Writes a transaction token that a server signs, and puts it into the message it was made for.

Knows: what such a token says (domain reference 6.4), where in a message tokens for the switchboard stand.
Must not know: how it is signed, whether it may be made.

Not a byte of the message changes: the token is put in between two of them.
"""

from datetime import UTC, datetime
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from edge_node.errors import Refused
from edge_node.formats.header_reading import read_header
from edge_node.formats.names import SAML, SOAP, WSSE, ZIM_ACTOR
from edge_node.formats.token_form import DS
from edge_node.model.identifiers import APPLICATION_ROOT, URA_ROOT
from edge_node.model.token import TokenFacts

_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_PLAIN: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
_HOLDER_OF_KEY: Final = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
_X509: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"
_SECURITY: Final = tuple(f"{uri} Security" for uri in WSSE)
_ASSERTION: Final = f"{SAML} Assertion"
_PATH: Final = (f"{SOAP} Envelope", f"{SOAP} Header")

_A: Final = ElementMaker(namespace=SAML, nsmap={"saml": SAML})
_D: Final = ElementMaker(namespace=DS, nsmap={"ds": DS})


def written(facts: TokenFacts, names: tuple[str, int]) -> etree._Element:
    """The assertion, with an open place for its signature; `names` are issuer and serial of who will sign it."""
    begins, ends, issued = (_moment(at) for at in (facts.begins, facts.ends, facts.issued))
    return _A.Assertion(
        _A.Issuer(f"urn:IIroot:{URA_ROOT}:IIext:{facts.ura}", Format=_ENTITY),
        _D.Signature(Id="placeholder"),
        _A.Subject(_A.NameID(Format=_ENTITY), _confirmation(names)),
        _A.Conditions(
            _A.AudienceRestriction(_A.Audience(f"urn:IIroot:{APPLICATION_ROOT}:IIext:{facts.zim}")),
            NotBefore=begins,
            NotOnOrAfter=ends,
        ),
        _A.AuthnStatement(_A.AuthnContext(_A.AuthnContextClassRef(_X509)), AuthnInstant=issued),
        _A.AttributeStatement(*(_attribute(name, value) for name, value in _attributes(facts))),
        ID=facts.id,
        IssueInstant=issued,
        Version="2.0",
    )


def put_beside(body: bytes, token: bytes) -> bytes:
    """The message with this token behind the others for the switchboard. Raises `Refused`."""
    place = _Place()
    read_header(body, place)
    if place.found is None:
        raise Refused("no block with tokens for the switchboard", code="EN-TOKEN-PLACE")
    return body[: place.found] + token + body[place.found :]


def _confirmation(names: tuple[str, int]) -> etree._Element:
    issuer_serial = _D.X509IssuerSerial(_D.X509IssuerName(names[0]), _D.X509SerialNumber(str(names[1])))
    data = _A.SubjectConfirmationData(_D.KeyInfo(_D.X509Data(issuer_serial)))
    return _A.SubjectConfirmation(data, Method=_HOLDER_OF_KEY)


def _attributes(facts: TokenFacts) -> list[tuple[str, str]]:
    said = [
        ("autorisatieregel/context", facts.rule),
        ("interactionId", facts.interaction),
        ("messageIdRoot", facts.message[0] if facts.message else None),
        ("messageIdExt", facts.message[1] if facts.message else None),
        ("burgerServiceNummer", facts.bsn),
        ("applicationID", f"urn:IIroot:{APPLICATION_ROOT}:IIext:{facts.application}"),
        ("contextCodeSystem", facts.context[0] if facts.context else None),
        ("contextCode", facts.context[1] if facts.context else None),
    ]
    return [(name, value) for name, value in said if value is not None]


def _attribute(name: str, value: str) -> etree._Element:
    return _A.Attribute(_A.AttributeValue(value), Name=name, NameFormat=_PLAIN)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class _Place:
    """The end of the block with the tokens."""

    def __init__(self) -> None:
        self.found: int | None = None
        self._above: list[str] = []
        self._is_block: list[bool] = []
        self._has_token = False

    def start(self, name: str, attributes: dict[str, str], _: int) -> None:
        is_there = tuple(self._above) == _PATH and name in _SECURITY
        self._has_token = self._has_token or (bool(self._is_block) and self._is_block[-1] and name == _ASSERTION)
        self._is_block.append(is_there and attributes.get(f"{SOAP} actor", "").strip() == ZIM_ACTOR)
        self._above.append(name)

    def end(self, at: int) -> None:
        self._above.pop()
        if self._is_block.pop() and self._has_token and self.found is None:
            self.found = at
