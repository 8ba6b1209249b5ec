"""Bad tokens, third part: what was signed is there, and something else is to be used.

Knows: of each row how the signed token is hidden, and the code it is refused with.
Must not know: how a message is judged.
"""

import copy
from collections.abc import Callable
from typing import Final

from lxml import etree

from edge_node.formats.names import SAML, SOAP, WSU
from edge_node.sandbox.samples.tokens import signed, written
from tests.formats.bad_tokens import NOT_SIGNED, NOT_THE_TOKEN, TOO_MUCH, TWICE, Row, conditions, key_info, spoiled
from tests.formats.token_bench import (
    DS,
    Bench,
    Signing,
    another_message_id,
    assertion_in,
    security_in,
    signature_in,
)

Element = etree._Element
_A: Final = f"{{{SAML}}}"
_S: Final = f"{{{DS}}}"


def _forged(envelope: Element, **changes: str) -> Element:
    """An assertion like the signed one, for another patient, that nobody signed."""
    forged = copy.deepcopy(assertion_in(envelope))
    forged.set("ID", changes.get("id", "_forged"))
    forged.remove(signature_in(forged))
    return forged


def _forged_first(envelope: Element) -> None:
    security_in(envelope).insert(0, _forged(envelope))


def _forged_last(envelope: Element) -> None:
    security_in(envelope).append(_forged(envelope))


def _forged_with_the_same_id(envelope: Element) -> None:
    security_in(envelope).insert(0, _forged(envelope, id=assertion_in(envelope).get("ID", "")))


def _wrapped_in_advice(envelope: Element) -> None:
    true, block = assertion_in(envelope), security_in(envelope)
    forged = _forged(envelope)
    block.replace(true, forged)
    etree.SubElement(forged, f"{_A}Advice").append(true)


def _wrapped_in_object(envelope: Element) -> None:
    """The classic: the signature stays where it is looked for, and what it signs hides inside it."""
    true, block = assertion_in(envelope), security_in(envelope)
    forged, signature = _forged(envelope), signature_in(envelope)
    block.replace(true, forged)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{_S}Object").append(true)


def _moved_to_the_end(envelope: Element) -> None:
    true, block = assertion_in(envelope), security_in(envelope)
    block.replace(true, _forged(envelope))
    header = envelope.find(f"{{{SOAP}}}Header")
    assert header is not None
    etree.SubElement(header, "{urn:other}Wrapper").append(true)


def _moved_to_the_body(envelope: Element) -> None:
    true, block = assertion_in(envelope), security_in(envelope)
    block.replace(true, _forged(envelope))
    body = envelope.find(f"{{{SOAP}}}Body")
    assert body is not None
    body[0].append(true)


def _signature_outside(envelope: Element) -> None:
    security_in(envelope).append(signature_in(envelope))


def _object_in_signature(envelope: Element) -> None:
    etree.SubElement(signature_in(envelope), f"{_S}Object").text = "more"


def _signed_twice(envelope: Element) -> None:
    assertion_in(envelope).append(copy.deepcopy(signature_in(envelope)))


def _signature_in_a_signature(envelope: Element) -> None:
    info = key_info(envelope)
    info.append(copy.deepcopy(signature_in(envelope)))


def _remark_in_name(envelope: Element) -> None:
    name = assertion_in(envelope).find(f".//{_A}NameID")
    assert name is not None
    text, name.text = name.text or "", (name.text or "")[:3]
    remark = etree.Comment("x")
    remark.tail = text[3:]
    name.append(remark)


def _remark(envelope: Element) -> None:
    conditions(envelope).append(etree.Comment("x"))


def _instruction(envelope: Element) -> None:
    conditions(envelope).append(etree.ProcessingInstruction("x", "y"))


def _element_in_name(envelope: Element) -> None:
    name = assertion_in(envelope).find(f".//{_A}NameID")
    assert name is not None
    etree.SubElement(name, f"{_A}X").tail = "0"


def _entity(bench: Bench) -> bytes:
    body = bench.message().split(b"?>", 1)[1]
    return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "900000101">]>' + body.replace(b">900000101:", b">&e;:")


def _another_mark(name: str, value: str | None = None) -> Callable[[Element], None]:
    def spoil(envelope: Element) -> None:
        assertion = assertion_in(envelope)
        assertion.set(name, value or assertion.get("ID", ""))

    return spoil


def _only_id(bench: Bench) -> bytes:
    """An id under another name, to which the signature refers."""
    sample = bench.sample()
    assertion = etree.fromstring(written(bench.said(sample)))
    assertion.set("Id", assertion.attrib.pop("ID"))
    signing = Signing(uri=f"#{assertion.get('Id')}", id_attribute="Id")
    return bench.under(sample, signing.sign(etree.tostring(assertion), bench.hand))


def _doubled(path: str) -> Callable[[Bench], bytes]:
    """One part of the token stands there twice, both signed."""

    def make(bench: Bench) -> bytes:
        sample = bench.sample()
        assertion = etree.fromstring(written(bench.said(sample)))
        found = assertion.find(path)
        assert found is not None
        found.addnext(copy.deepcopy(found))
        return bench.under(sample, bench.hand.sign(etree.tostring(assertion)))

    return make


def _another_namespace(bench: Bench) -> bytes:
    return bench.message().replace(SAML.encode(), b"urn:oasis:names:tc:SAML:1.0:assertion")


def _attribute_of_another_namespace(bench: Bench) -> bytes:
    """The right message id under a name that looks the same, and another one where it is read."""
    sample = bench.sample()
    other = str(another_message_id(sample).extension)
    assertion = etree.fromstring(written(bench.said(sample, attributes={"messageIdExt": other})))
    statement = assertion.find(f"{_A}AttributeStatement")
    assert statement is not None
    attribute = etree.SubElement(statement, "{urn:other}Attribute", Name="messageIdExt")
    etree.SubElement(attribute, "{urn:other}AttributeValue").text = sample.id.extension
    return bench.under(sample, bench.hand.sign(etree.tostring(assertion)))


def _in_another_block(envelope: Element) -> None:
    security_in(envelope).set(f"{{{SOAP}}}actor", "urn:somebody-else")


def _eleven(bench: Bench) -> bytes:
    sample = bench.sample()
    return bench.under(sample, *(signed(bench.said(sample), bench.hand) for _ in range(11)))


def _eleven_inside(envelope: Element) -> None:
    value = assertion_in(envelope).find(f".//{_A}AttributeValue")
    assert value is not None
    for _ in range(11):
        etree.SubElement(value, f"{_A}Assertion")


def _padded(envelope: Element) -> None:
    block = security_in(envelope)
    for _ in range(9):
        etree.SubElement(block, "{urn:other}Padding").text = "x" * 30_000


WRAPPINGS: Final = (
    Row("a forged token before the signed one", "EN-TOKEN-UNSIGNED", spoiled(_forged_first), stricter=NOT_THE_TOKEN),
    Row("a forged token behind the signed one", "EN-TOKEN-UNSIGNED", spoiled(_forged_last), stricter=NOT_THE_TOKEN),
    Row("a forged token under the same id", "EN-XML-AMBIGUOUS", spoiled(_forged_with_the_same_id), False),
    Row(
        "the signed one inside a forged one", "EN-TOKEN-WRAPPED", spoiled(_wrapped_in_advice), stricter=NOT_THE_TOKEN
    ),
    Row("the signed one inside its signature", "EN-TOKEN-WRAPPED", spoiled(_wrapped_in_object), False),
    Row("the signed one in another block", "EN-XML-AMBIGUOUS", spoiled(_moved_to_the_end), stricter=NOT_THE_TOKEN),
    Row("the signed one in the Body", "EN-TOKEN-UNSIGNED", spoiled(_moved_to_the_body), stricter=NOT_THE_TOKEN),
    Row("the signature beside its token", "EN-TOKEN-UNSIGNED", spoiled(_signature_outside), False),
    Row("something in the signature", "EN-TOKEN-WRAPPED", spoiled(_object_in_signature), stricter=NOT_SIGNED),
    Row("two signatures", "EN-TOKEN-WRAPPED", spoiled(_signed_twice), False),
    Row(
        "a signature in a signature",
        "EN-TOKEN-WRAPPED",
        spoiled(_signature_in_a_signature),
        True,
        stricter=NOT_SIGNED,
    ),
    Row("a remark in a NameID", "EN-XML-AMBIGUOUS", spoiled(_remark_in_name), stricter=NOT_SIGNED),
    Row("a remark in a token", "EN-TOKEN-REMARK", spoiled(_remark), stricter=NOT_SIGNED),
    Row("an instruction in a token", "EN-XML-INSTRUCTION", spoiled(_instruction), False),
    Row("an element in a NameID", "EN-XML-AMBIGUOUS", spoiled(_element_in_name), False),
    Row("an entity in a NameID", "EN-XML-DOCTYPE", _entity, False),
    Row("a second id under another name", "EN-TOKEN-ID", spoiled(_another_mark("Id", "_other")), False),
    Row("the same id under another name", "EN-TOKEN-ID", spoiled(_another_mark(f"{{{WSU}}}Id")), False),
    Row("an id in lower case", "EN-TOKEN-ID", spoiled(_another_mark("id", "_other")), False),
    Row("an id under another name alone", "EN-TOKEN-ID", _only_id, True, stricter=NOT_THE_TOKEN),
    Row("two issuers", "EN-TOKEN-FORM", _doubled(f"{_A}Issuer"), stricter=TWICE),
    Row("two subjects", "EN-TOKEN-FORM", _doubled(f"{_A}Subject"), stricter=TWICE),
    Row("two confirmations", "EN-TOKEN-FORM", _doubled(f"{_A}Subject/{_A}SubjectConfirmation"), stricter=TWICE),
    Row("two windows", "EN-XML-AMBIGUOUS", _doubled(f"{_A}Conditions"), stricter=TWICE),
    Row("a token of another namespace", "EN-TOKEN-MISSING", _another_namespace, False),
    Row("an attribute of another namespace", "EN-TOKEN-MISMATCH", _attribute_of_another_namespace),
    Row("a block for somebody else", "EN-TOKEN-PLACE", spoiled(_in_another_block), stricter=NOT_THE_TOKEN),
    Row("eleven tokens", "EN-TOKEN-LIMIT", _eleven, stricter=TOO_MUCH),
    Row("eleven tokens inside a token", "EN-TOKEN-LIMIT", spoiled(_eleven_inside), False),
    Row("a header of 270 kB", "EN-TOKEN-LIMIT", spoiled(_padded), stricter=TOO_MUCH),
)
