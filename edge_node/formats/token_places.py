"""The tokens of a message with their signatures, each at the one place it may have.

Knows: where assertions, the older token and their signatures stand (domain reference 6.3, 6.4).
Must not know: whether a signature holds, what a token says.

What is signed and what is used must be the same element: whatever could make one reader take another element than the
next one is refused, before any signature is looked at.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import AORTA_805, SAML, SOAP, WSSE, WSU, ZIM_ACTOR
from edge_node.formats.token_form import BESIDE, WITHIN, KeyInfo, check_form, ds, key_info
from edge_node.formats.token_header import cut_header, tree_of
from edge_node.formats.token_values import kind_of, read_other, saml
from edge_node.model.token import ProvenToken, SignedToken, TokenKind

_ASSERTION: Final = f"{{{SAML}}}Assertion"
_DATUM: Final = f"{{{AORTA_805}}}signedData"
_DATA: Final = f"{{{AORTA_805}}}authenticationTokens"
_WSU_ID: Final = f"{{{WSU}}}Id"
_SIGNATURE: Final = ds("Signature")
_SECURITY: Final = tuple(f"{{{uri}}}Security" for uri in WSSE)
_MAX_TOKENS: Final = 10


@dataclass(frozen=True, slots=True)
class FoundTokens:
    """The tokens of one message."""

    ours: tuple[SignedToken, ...] = ()  # that the node judges
    others: tuple[ProvenToken, ...] = ()  # of patients and contracts: only the switchboard can prove them (design 5)


def tokens_of_message(body: bytes) -> tuple[SignedToken, ...]:
    """The tokens in the header of a SOAP message that the node judges. Raises `Refused`."""
    return find_tokens(body).ours


def find_tokens(body: bytes) -> FoundTokens:
    """All tokens in the header of a SOAP message. Raises `Refused`."""
    header = tree_of(cut_header(body)).find(f"{{{SOAP}}}Header")
    if header is None:
        return FoundTokens()
    _check_marks(header)
    blocks = [block for block in header if block.tag in _SECURITY]
    assertions = [one for block in blocks for one in block if one.tag == _ASSERTION]
    data = [one for block in header if block.tag == _DATA for one in block if one.tag == _DATUM]
    _check_places(header, assertions, data)
    ours = [one for one in assertions if kind_of(one).is_judged_here]
    signed = (*(_assertion(one) for one in ours), *(_datum(one, header) for one in data))
    return FoundTokens(signed, tuple(read_other(one) for one in assertions if one not in ours))


def token_handed_in(document: bytes, kind: TokenKind) -> SignedToken | ProvenToken:
    """One assertion that was handed in by itself as one of that kind. Raises `Refused`.

    A patient's is only read: the switchboard alone can prove it.
    """
    root = tree_of(document)
    if root.tag != _ASSERTION:
        raise Refused("what was handed in is no SAML assertion", code="EN-TOKEN-PLACE")
    found = kind_of(root)
    if found is TokenKind.PATIENT and kind is TokenKind.TRANSACTION:
        return read_other(root)
    if found is not kind:
        raise Refused(f"what was handed in as a {kind} token is one of another kind", code="EN-TOKEN-PLACE")
    _check_marks(root)
    _check_places(root, [root], [])
    return _assertion(root)


def _check_marks(root: etree._Element) -> None:
    """Refuse two elements with one id, under whichever of the names an id has."""
    marks = Counter(mark for element in root.iter() for mark in _marks(element))
    if any(count > 1 for count in marks.values()):
        raise Refused("two elements have one id", code="EN-TOKEN-ID")


def _marks(element: etree._Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield from {text for name, text in element.items() if _is_mark(name)}


def _is_mark(name: str) -> bool:
    return name[-2:].lower() == "id" and (len(name) == 2 or name[-3] == "}")


def _check_places(root: etree._Element, assertions: list[etree._Element], data: list[etree._Element]) -> None:
    tokens = [*root.iter(_ASSERTION), *root.iter(_DATUM)]
    if len(tokens) > _MAX_TOKENS or len(data) > 1:  # with those inside others, of which each is looked at
        raise Refused(f"{len(tokens)} tokens", code="EN-TOKEN-LIMIT")
    if len([one for one in tokens if not _is_enclosed(one, assertions)]) != len(assertions) + len(data):
        raise Refused("a token stands at a place of no token", code="EN-TOKEN-WRAPPED")
    for signature in root.iter(_SIGNATURE):
        above = signature.getparent()
        if above is None or (above.tag != _ASSERTION and above.tag not in _SECURITY):
            raise Refused("a signature stands at a place of no signature", code="EN-TOKEN-WRAPPED")


def _is_enclosed(token: etree._Element, assertions: list[etree._Element]) -> bool:
    """A scan of an identity document is a token within a value of an enrolment, whose signature is over it too."""
    above = list(token.iterancestors())
    values = [one for one in above if one.tag == saml("AttributeValue")]
    return bool(values) and any(one in above and kind_of(one) is TokenKind.ENROLMENT for one in assertions)


def _assertion(assertion: etree._Element) -> SignedToken:
    id_ = assertion.get("ID", "")
    block = assertion.getparent()
    if block is not None and _actor(block) != ZIM_ACTOR:
        raise Refused("the token is not addressed to the switchboard", code="EN-TOKEN-PLACE")
    _check_content(assertion)
    if not id_ or sum(map(_is_mark, assertion.keys())) != 1:
        raise Refused("the token has not exactly one id", code="EN-TOKEN-ID")
    signature = _one([part for part in assertion if part.tag == _SIGNATURE])
    check_form(signature, id_, WITHIN)
    return SignedToken(
        kind="saml",
        id=id_,
        xml=etree.tostring(assertion, with_tail=False),
        location="./",
        id_attribute="ID",
        issued=assertion.get("IssueInstant", ""),
        **_named(key_info(signature)),
    )


def _datum(datum: etree._Element, header: etree._Element) -> SignedToken:
    id_ = datum.get(_WSU_ID, "")
    block = datum.getparent()
    if block is None or _actor(block) != ZIM_ACTOR:
        raise Refused("the token is not addressed to the switchboard", code="EN-TOKEN-PLACE")
    _check_content(datum)
    if not id_ or sum(map(_is_mark, datum.keys())) != 1:
        raise Refused("the token has not exactly one id", code="EN-TOKEN-ID")
    # Other blocks are signed for others; the switchboard looks in its own.
    security = [one for one in header if one.tag in _SECURITY and _actor(one) == ZIM_ACTOR]
    signature = _one([part for one in security for part in one if part.tag == _SIGNATURE])
    check_form(signature, id_, BESIDE)
    above = signature.getparent()
    assert above is not None
    return SignedToken(
        kind="aorta805",
        id=id_,
        xml=etree.tostring(header, with_tail=False),
        location=f"./{above.tag!s}[{_nth(above)}]/",
        id_attribute="Id",
        issued=datum.findtext(f".//{{{AORTA_805}}}notBefore", ""),
        **_named(key_info(signature)),
    )


def _nth(block: etree._Element) -> int:
    """Which of the blocks of that name it is, counted as XPath does."""
    return 1 + sum(1 for _ in block.itersiblings(str(block.tag), preceding=True))


def _actor(block: etree._Element) -> str:
    return block.get(f"{{{SOAP}}}actor", "").strip()


def _check_content(token: etree._Element) -> None:
    """Refuse what is not signed, or splits what is: a remark, an instruction, an entity."""
    if any(not isinstance(element.tag, str) for element in token.iter()):
        raise Refused("a remark or an instruction in a token", code="EN-TOKEN-REMARK")


def _one(signatures: list[etree._Element]) -> etree._Element:
    if not signatures:
        raise Refused("the token is not signed", code="EN-TOKEN-UNSIGNED")
    if len(signatures) > 1:
        raise Refused("the token is signed twice", code="EN-TOKEN-WRAPPED")
    return signatures[0]


def _named(info: KeyInfo) -> dict[str, Any]:
    return {"certificates": info.certificates, "names": info.names}
