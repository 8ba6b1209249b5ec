"""Bad tokens, each with one thing wrong: what the signature is, where it stands, what it is bound to.

Knows: of each row what is wrong, the code it is refused with, and whether its signature holds all the same.
Must not know: how a message is judged.

`holds` is what python-xmlsec must say of the first signature of the message; None where there is none it could judge.
Where the node refuses a signature that holds, `stricter` says why; else both say the same of every signature.
"""

import base64
import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod as C14n
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from edge_node.formats.names import SAML
from edge_node.sandbox.samples.people import POST_GP
from edge_node.sandbox.samples.tokens import organisation, saml_moment, written
from tests.formats.token_bench import (
    BRAM,
    DS,
    NOW,
    Bench,
    Signing,
    assertion_in,
    register,
    signature_in,
    text_of,
)

Element = etree._Element
_A: Final = f"{{{SAML}}}"
_S: Final = f"{{{DS}}}"
_BELOW: Final = "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:"


@dataclass(frozen=True, slots=True)
class Row:
    """One bad token."""

    name: str
    code: str
    make: Callable[[Bench], bytes]
    holds: bool | None = True
    bench: Callable[[], Bench] = field(default=Bench)
    stricter: str = ""
    #: A good one of its kind, and where it is judged, if the bench is what is wrong.
    good: Callable[[Bench], bytes] = field(default=Bench.message)
    good_bench: Callable[[], Bench] | None = None

    @property
    def beside(self) -> Bench:
        """Where the good one is judged: under the settings of the bad one."""
        return (self.good_bench or self.bench)()


PINNED: Final = "the algorithms are pinned"
NOT_THE_TOKEN: Final = "what is signed is not what would be used"
NOT_THE_KEY: Final = "the certificate is that of the card, and stands in the signature"
NOT_SIGNED: Final = "something in the token is not covered by its signature"
TWICE: Final = "what stands there twice says nothing"
TOO_MUCH: Final = "there is more than the node reads"


def spoiled(spoil: Callable[[Element], None]) -> Callable[[Bench], bytes]:
    """Make a good message of which something was changed after it was signed."""
    return lambda bench: bench.spoiled(spoil)


def _said(**changes: Any) -> Callable[[Bench], bytes]:
    return lambda bench: bench.message(**changes)


def _signing(signing: Signing, **options: Any) -> Callable[[Bench], bytes]:
    def make(bench: Bench) -> bytes:
        sample = bench.sample()
        return bench.under(sample, signing.sign(written(bench.said(sample)), bench.hand, **options))

    return make


def _within(path: str, value: str) -> Callable[[Element], None]:
    return lambda envelope: text_of(assertion_in(envelope), path, value)


# Signatures


def _flipped(envelope: Element) -> None:
    value = signature_in(envelope).find(f"{_S}SignatureValue")
    assert value is not None
    raw = bytearray(base64.b64decode(value.text or ""))
    raw[7] ^= 1
    value.text = base64.b64encode(raw).decode()


def _value(name: str, change: Callable[[Element], None]) -> Callable[[Element], None]:
    """Change one of the two values of a signature."""

    def spoil(envelope: Element) -> None:
        found = signature_in(envelope).find(f".//{_S}{name}")
        assert found is not None
        change(found)

    return spoil


def _emptied(value: Element) -> None:
    value.text = None


def _loose_sign(value: Element) -> None:
    """A sign that no base64 has, and that lenient readers leave out."""
    value.text = f"{value.text}]"


def _split(value: Element) -> None:
    etree.SubElement(value, "{urn:other}Part")


def _loose_text(envelope: Element) -> None:
    signature_in(envelope)[1].tail = "more"


def _of_another_token(bench: Bench) -> bytes:
    other = signature_in(etree.fromstring(bench.message()))
    return bench.spoiled(lambda envelope: assertion_in(envelope).replace(signature_in(envelope), other))


def _hashed_anew(bench: Bench) -> bytes:
    """The text is changed and its digest made to fit; only the key is missing."""

    def spoil(envelope: Element) -> None:
        assertion = assertion_in(envelope)
        text_of(assertion, f"{_A}AttributeStatement/{_A}Attribute/{_A}AttributeValue", "another rule")
        bare = copy.deepcopy(assertion)
        bare.remove(signature_in(bare))
        digest = hashlib.sha256(etree.tostring(bare, method="c14n", exclusive=True, with_tail=False)).digest()
        text_of(assertion, f"{_S}Signature/{_S}SignedInfo/{_S}Reference/{_S}DigestValue", _b64(digest))

    return bench.spoiled(spoil)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _another_certificate(envelope: Element) -> None:
    text_of(signature_in(envelope), f".//{_S}X509Certificate", _b64(_der("post-gp")))


def _der(card: str) -> bytes:
    return register().card(card).certificate.public_bytes(Encoding.DER)


def _step(algorithm: str) -> Callable[[Element], None]:
    def spoil(envelope: Element) -> None:
        steps = signature_in(envelope).find(f".//{_S}Transforms")
        assert steps is not None
        etree.SubElement(steps, f"{_S}Transform", Algorithm=algorithm)

    return spoil


def _without_enveloped(envelope: Element) -> None:
    steps = signature_in(envelope).find(f".//{_S}Transforms")
    assert steps is not None
    steps.remove(steps[0])


def _second_reference(envelope: Element) -> None:
    info = signature_in(envelope)[0]
    info.append(copy.deepcopy(info[2]))


def _reference(uri: str | None) -> Callable[[Element], None]:
    def spoil(envelope: Element) -> None:
        reference = signature_in(envelope)[0][2]
        del reference.attrib["URI"]
        if uri is not None:
            reference.set("URI", uri)

    return spoil


def _decoy(bench: Bench) -> bytes:
    """What is signed is a part of the token that says nothing."""
    sample = bench.sample()
    assertion = etree.fromstring(written(bench.said(sample)))
    statement = assertion.find(f"{_A}AuthnStatement")
    assert statement is not None
    statement.set("ID", "_decoy")
    signing = Signing(uri="#_decoy")
    return bench.under(sample, signing.sign(etree.tostring(assertion), bench.hand))


def _key_value(bench: Bench) -> bytes:
    """Beside the certificate stands the key of another one."""

    def spoil(envelope: Element) -> None:
        numbers = register().card("pharmacist").key.public_key().public_numbers()
        value = etree.SubElement(key_info(envelope), f"{_S}KeyValue")
        key = etree.SubElement(value, f"{_S}RSAKeyValue")
        for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
            raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
            etree.SubElement(key, f"{_S}{name}").text = _b64(raw)

    return bench.spoiled(spoil)


def key_info(envelope: Element) -> Element:
    """What the signature says of its certificate."""
    info = signature_in(envelope).find(f"{_S}KeyInfo")
    assert info is not None
    return info


def _fetched_key(envelope: Element) -> None:
    etree.SubElement(key_info(envelope), f"{_S}RetrievalMethod", URI="#elsewhere")


def _no_key_info(envelope: Element) -> None:
    signature_in(envelope).remove(key_info(envelope))


SIGNATURES: Final = (
    Row("no signature", "EN-TOKEN-UNSIGNED", spoiled(lambda it: assertion_in(it).remove(signature_in(it))), None),
    Row("a rule changed after signing", "EN-TOKEN-DIGEST", spoiled(_within(f".//{_A}AttributeValue", "else")), False),
    Row(
        "an end put off after signing",
        "EN-TOKEN-DIGEST",
        spoiled(lambda it: conditions(it).set("NotOnOrAfter", saml_moment(NOW + timedelta(minutes=50)))),
        False,
    ),
    Row("an audience changed after signing", "EN-TOKEN-DIGEST", spoiled(_within(f".//{_A}Audience", "x")), False),
    Row("one bit of the signature turned", "EN-TOKEN-SIGNATURE", spoiled(_flipped), False),
    Row("an empty signature", "EN-TOKEN-SIGNATURE", spoiled(_value("SignatureValue", _emptied)), False),
    Row("an empty digest", "EN-TOKEN-SIGNATURE", spoiled(_value("DigestValue", _emptied)), False),
    Row(
        "a sign too many in the signature",
        "EN-TOKEN-SIGNATURE",
        spoiled(_value("SignatureValue", _loose_sign)),
        False,
    ),
    Row(
        "an element in the signature's value",
        "EN-TOKEN-WRAPPED",
        spoiled(_value("SignatureValue", _split)),
        stricter=NOT_SIGNED,
    ),
    Row("text beside the signature's parts", "EN-TOKEN-WRAPPED", spoiled(_loose_text), stricter=NOT_SIGNED),
    Row("the signature of another token", "EN-TOKEN-REFERENCE", _of_another_token, False),
    Row("changed and hashed anew", "EN-TOKEN-SIGNATURE", _hashed_anew, False),
    Row("another person's certificate", "EN-TOKEN-SIGNATURE", spoiled(_another_certificate), False),
    Row("RSA with SHA-1", "EN-TOKEN-ALGORITHM", _signing(Signing(method=SignatureMethod.RSA_SHA1)), stricter=PINNED),
    Row("a SHA-1 digest", "EN-TOKEN-ALGORITHM", _signing(Signing(digest=DigestAlgorithm.SHA1)), stricter=PINNED),
    Row(
        "RSA with SHA-512",
        "EN-TOKEN-ALGORITHM",
        _signing(Signing(method=SignatureMethod.RSA_SHA512)),
        stricter=PINNED,
    ),
    Row("a SHA-512 digest", "EN-TOKEN-ALGORITHM", _signing(Signing(digest=DigestAlgorithm.SHA512)), stricter=PINNED),
    Row(
        "a secret for a key",
        "EN-TOKEN-ALGORITHM",
        _signing(Signing(method=SignatureMethod.HMAC_SHA256, options={"key": b"secret", "cert": None})),
        False,
    ),
    Row(
        "inclusive canonicalization", "EN-TOKEN-CANONICAL", _signing(Signing(canonical=C14n.CANONICAL_XML_1_0)), False
    ),
    Row(
        "canonicalization with remarks",
        "EN-TOKEN-CANONICAL",
        _signing(Signing(canonical=C14n.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS)),
        stricter=PINNED,
    ),
    Row("an inclusive step", "EN-TOKEN-TRANSFORM", _signing(Signing(step=C14n.CANONICAL_XML_1_0)), False),
    Row(
        "a step with remarks",
        "EN-TOKEN-TRANSFORM",
        _signing(Signing(step=C14n.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS)),
        stricter=PINNED,
    ),
    Row("no step at all", "EN-TOKEN-TRANSFORM", spoiled(_without_enveloped), False),
    Row("an XPath", "EN-TOKEN-TRANSFORM", spoiled(_step("http://www.w3.org/TR/1999/REC-xpath-19991116")), False),
    Row("an XPath filter", "EN-TOKEN-TRANSFORM", spoiled(_step("http://www.w3.org/2002/06/xmldsig-filter2")), False),
    Row("an XSLT", "EN-TOKEN-TRANSFORM", spoiled(_step("http://www.w3.org/TR/1999/REC-xslt-19991116")), False),
    Row("a base64 step", "EN-TOKEN-TRANSFORM", spoiled(_step(f"{DS}base64")), False),
    Row("two references", "EN-TOKEN-REFERENCE", spoiled(_second_reference), False),
    Row("a reference to everything", "EN-TOKEN-REFERENCE", spoiled(_reference("")), False),
    Row("a reference to nothing", "EN-TOKEN-REFERENCE", spoiled(_reference(None)), False),
    Row(
        "a reference outside",
        "EN-TOKEN-REFERENCE",
        spoiled(_reference("http://elsewhere.example/x")),
        None,
        stricter=NOT_THE_TOKEN,
    ),
    Row("an XPointer", "EN-TOKEN-REFERENCE", spoiled(_reference("#xpointer(/)")), False),
    Row("a reference to a part", "EN-TOKEN-REFERENCE", _decoy, True, stricter=NOT_THE_TOKEN),
    Row("a key that is not the certificate's", "EN-TOKEN-KEY", _key_value, stricter=NOT_THE_KEY),
    Row("a key to be fetched", "EN-TOKEN-KEY", spoiled(_fetched_key), stricter=NOT_THE_KEY),
    Row("no certificate named", "EN-TOKEN-KEY", spoiled(_no_key_info), stricter=NOT_THE_KEY),
    Row(
        "a certificate that is none",
        "EN-TOKEN-KEY",
        spoiled(lambda it: text_of(signature_in(it), f".//{_S}X509Certificate", "AAAA")),
        stricter=NOT_THE_KEY,
    ),
)


def conditions(envelope: Element) -> Element:
    """The window and the audience of the token."""
    found = assertion_in(envelope).find(f"{_A}Conditions")
    assert found is not None
    return found


# Bindings, each broken alone


def _attribute(name: str, value: str | None) -> Callable[[Bench], bytes]:
    return _said(attributes={name: value})


def _moments(begins_s: float, ends_s: float) -> Callable[[Bench], bytes]:
    return _said(
        issued=saml_moment(NOW + timedelta(seconds=begins_s)), ends=saml_moment(NOW + timedelta(seconds=ends_s))
    )


def _said_as(bench: Bench, change: Callable[[Element], None]) -> bytes:
    """A message under a token that was changed before it was signed."""
    sample = bench.sample()
    assertion = etree.fromstring(written(bench.said(sample)))
    change(assertion)
    return bench.under(sample, bench.hand.sign(etree.tostring(assertion)))


def _without(path: str) -> Callable[[Bench], bytes]:
    def remove(assertion: Element) -> None:
        found = assertion.find(path)
        assert found is not None
        above = found.getparent()
        assert above is not None
        above.remove(found)

    return lambda bench: _said_as(bench, remove)


def _restricted(assertion: Element) -> None:
    """Of two restrictions both must hold."""
    found = assertion.find(f"{_A}Conditions")
    assert found is not None
    found.append(copy.deepcopy(found[0]))
    found[1][0].text = "urn:other"


def _version(bench: Bench) -> bytes:
    sample = bench.sample()
    assertion = written(bench.said(sample)).replace(b'Version="2.0"', b'Version="1.1"')
    return bench.under(sample, bench.hand.sign(assertion))


def _post_gp() -> Bench:
    return Bench(author=POST_GP, card="post-gp")


def _post_gp_with_gps_card() -> Bench:
    return Bench(author=POST_GP, card="gp")


def _query() -> Bench:
    return Bench(kind="chain-care-query")


BINDINGS: Final = (
    Row("another message", "EN-TOKEN-MISMATCH", _attribute("messageIdExt", "another")),
    Row("another root of the message id", "EN-TOKEN-MISMATCH", _attribute("messageIdRoot", "2.16.840.1.9")),
    Row("no message id", "EN-TOKEN-MISMATCH", _attribute("messageIdExt", None)),
    Row("another interaction", "EN-TOKEN-MISMATCH", _attribute("interactionId", "QUPC_IN990001NL")),
    Row("another application", "EN-TOKEN-MISMATCH", _attribute("applicationID", f"{_BELOW}80000002")),
    Row("no application", "EN-TOKEN-MISMATCH", _attribute("applicationID", None)),
    Row("no patient", "EN-TOKEN-PATIENT", _attribute("burgerServiceNummer", None)),
    Row("another context", "EN-TOKEN-MISMATCH", _attribute("contextCode", "SITEMP"), bench=_query),
    Row("no context", "EN-TOKEN-MISMATCH", _attribute("contextCode", None), bench=_query),
    Row("another patient", "EN-WRONG-PATIENT", _attribute("burgerServiceNummer", BRAM.bsn)),
    Row("another person than the author", "EN-TOKEN-MISMATCH", _said(subject="900000103:01.015")),
    Row("another role than the author's", "EN-TOKEN-MISMATCH", _said(subject="900000101:17.000")),
    Row(
        "another person than the card's",
        "EN-TOKEN-HOLDER",
        _said(),
        bench=_post_gp_with_gps_card,
        good_bench=_post_gp,
    ),
    Row("an organisation that is nobody's here", "EN-TOKEN-ISSUER", _said(issuer=organisation("90000909"))),
    Row("an organisation that cannot be read", "EN-TOKEN-ISSUER", _said(issuer="Praktijk De Linde")),
    Row("no issuer", "EN-TOKEN-ISSUER", _without(f"{_A}Issuer")),
    Row("another environment", "EN-TOKEN-AUDIENCE", _said(audience=f"{_BELOW}2")),
    Row("another party as well", "EN-TOKEN-AUDIENCE", lambda bench: _said_as(bench, _restricted)),
    Row("no audience", "EN-TOKEN-AUDIENCE", _without(f"{_A}Conditions/{_A}AudienceRestriction")),
    Row("ended", "EN-TOKEN-EXPIRED", _moments(-600, -1)),
    Row("ends this second", "EN-TOKEN-EXPIRED", _moments(-300, 0)),
    Row("ends on the way", "EN-TOKEN-EXPIRED", _moments(-300, 1)),
    Row("begins in six seconds", "EN-TOKEN-NOT-YET", _moments(6, 300)),
    Row("no window", "EN-TOKEN-WINDOW", _without(f"{_A}Conditions")),
    Row("ends before it begins", "EN-TOKEN-WINDOW", _moments(60, 30)),
    Row("a window that cannot be read", "EN-TOKEN-WINDOW", _said(ends="soon")),
    Row("version 1.1", "EN-TOKEN-VERSION", _version),
    Row("confirmed by its sender", "EN-TOKEN-CONFIRMATION", _said(method="sender-vouches")),
    Row("confirmed in no way", "EN-TOKEN-CONFIRMATION", _without(f"{_A}Subject/{_A}SubjectConfirmation")),
    Row(
        "no certificate as its holder's",
        "EN-TOKEN-CONFIRMATION",
        _without(f"{_A}Subject/{_A}SubjectConfirmation/{_A}SubjectConfirmationData"),
    ),
    Row("another certificate as its holder's", "EN-TOKEN-CONFIRMATION", _said(confirms=("CN=A", 5))),
    Row(
        "another issuer's number as its holder's",
        "EN-TOKEN-CONFIRMATION",
        lambda bench: bench.message(confirms=("CN=Somebody else", bench.hand.names[1])),
    ),
    Row("a server's class of authentication", "EN-TOKEN-CONTEXT-CLASS", _said(context_class="X509")),
    Row("a card that names nobody", "EN-TOKEN-MISSING", _said(subject="")),
)
