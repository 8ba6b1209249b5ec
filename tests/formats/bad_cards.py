"""Bad tokens, second part: the cards they are signed with, what goes beside them, the older token, what was used.

Knows: of each row what is wrong, and the code it is refused with.
Must not know: how a message is judged.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from lxml import etree

from edge_node.formats.names import AORTA_805, SAML, WSU
from edge_node.model.token import TokenLimits
from edge_node.sandbox.cards import DESK, EMPLOYEE, PROFESSIONALS
from edge_node.sandbox.samples.tokens import organisation, professional, saml_moment, signed
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.token_card import CardTrust
from tests.formats.bad_tokens import NOT_SIGNED, NOT_THE_TOKEN, Row
from tests.formats.token_bench import BRAM, DS, NOW, Bench, Beside, register, signature_in, text_of, trust


def _good(bench: Bench) -> bytes:
    return bench.message()


def _with(card: str) -> Callable[[], Bench]:
    return partial(Bench, card=card)


def _without_issuer() -> CardTrust:
    known = trust()
    return replace(known, issuers=tuple(one for one in known.issuers if one.name != PROFESSIONALS))


def _unchecked() -> CardTrust:
    """A register without lists."""
    return replace(trust(), revocation=Revocations(Lists(None), lambda _roles: 0.0))


def _of_an_employee() -> Bench:
    """The register of employees is still named."""
    return Bench(author=EMPLOYEE, card="employee", trust=_without_issuer)


def _of_the_desk() -> Bench:
    return Bench(card="bad/unnamed", author=DESK)


CARDS: Final = (
    Row("a card that ended", "EN-TOKEN-CARD-EXPIRED", _good, bench=_with("bad/expired"), good_bench=Bench),
    Row(
        "a card that has not begun",
        "EN-TOKEN-CARD-NOT-YET",
        _good,
        bench=_with("bad/not-yet-valid"),
        good_bench=Bench,
    ),
    Row(
        "a card revoked before signing", "EN-TOKEN-CARD-REVOKED", _good, bench=_with("bad/revoked"), good_bench=Bench
    ),
    Row(
        "a card of a register of the same name",
        "EN-TOKEN-CARD-CHAIN",
        _good,
        bench=_with("bad/other-ca"),
        good_bench=Bench,
    ),
    Row("a card without a name", "EN-TOKEN-CARD-UNNAMED", _good, bench=_of_the_desk, good_bench=Bench),
    Row(
        "a letter that is not of its issuer", "EN-TOKEN-CARD-TYPE", _good, bench=_with("bad/letter"), good_bench=Bench
    ),
    Row(
        "a certificate without a UZI name", "EN-TOKEN-CARD-NAME", _good, bench=_with("bad/no-name"), good_bench=Bench
    ),
    Row("the certificate for mandates", "EN-TOKEN-CARD-USAGE", _good, bench=_with("gp-signature"), good_bench=Bench),
    Row("a person named, a server signed", "EN-TOKEN-HOLDER", _good, bench=_with("practice"), good_bench=Bench),
    Row(
        "an issuer nobody named",
        "EN-TOKEN-CARD-ISSUER",
        _good,
        bench=partial(Bench, trust=_without_issuer),
        good_bench=_of_an_employee,
    ),
    Row(
        "a certificate only named where that refuses",
        "EN-TOKEN-UNKNOWN",
        lambda bench: _named_only(bench),
        bench=partial(Bench, limits=TokenLimits(blocks_unknown=True)),
    ),
    Row(
        "a list missing where that refuses",
        "EN-TOKEN-UNCHECKED",
        _good,
        bench=partial(Bench, trust=_unchecked, limits=TokenLimits(blocks_unchecked=True)),
        good_bench=partial(Bench, limits=TokenLimits(blocks_unchecked=True)),
    ),
)


def _named_only(bench: Bench) -> bytes:
    sample = bench.sample()
    return bench.under(sample, signed(bench.said(sample), replace(bench.hand, embeds=False)))


# What a server signs, and what goes beside it


def _mandate(card: str = "gp-signature", **changes: Any) -> Callable[[Bench], bytes]:
    return lambda bench: bench.by_server(mandate=Beside(card=card, changes=changes))


def _enrolment(card: str = "gp", **changes: Any) -> Callable[[Bench], bytes]:
    return lambda bench: bench.by_server(enrolment=Beside(card=card, changes=changes))


def _lacking(name: str) -> Callable[[Bench], bytes]:
    return lambda bench: bench.by_server(**{name: Beside(card="gp", is_missing=True)})


def _window(days_ago: float, days_ahead: float) -> dict[str, str]:
    begins, ends = NOW - timedelta(days=days_ago), NOW + timedelta(days=days_ahead)
    return {"issued": saml_moment(begins), "ends": saml_moment(ends)}


_RULE: Final = "https://edge-node.example/autorisatieregels/locum-report/v1"
_MINUTE: Final = 1 / 1440


def _mandate_doubled(bench: Bench) -> bytes:
    sample, tokens = bench.sample(), bench.maker.tokens
    mandates = [signed(tokens.mandate(bench.author, _RULE), register().card("gp-signature")) for _ in range(2)]
    return bench.under(sample, signed(bench.said(sample), bench.hand), *mandates)


def _asks_conditions() -> Bench:
    return Bench(kind="conditions-query")


def _another_overseer(bench: Bench) -> bytes:
    """A colleague answers for the message; the mandate is not his."""
    before, start, behind = bench.by_server().partition(b"<overseer ")
    return before + start + behind.replace(b"900000101", b"900000103", 1)


_BESIDE: Final = (
    Row("no mandate", "EN-TOKEN-MISSING", _lacking("mandate")),
    Row("no enrolment", "EN-TOKEN-MISSING", _lacking("enrolment")),
    Row("another organisation's server", "EN-TOKEN-ISSUER", lambda bench: bench.by_server(server="pharmacy")),
    Row(
        "a card's class under a server",
        "EN-TOKEN-CONTEXT-CLASS",
        lambda it: it.by_server(context_class="SmartcardPKI"),
    ),
    Row("a mandate for another organisation", "EN-TOKEN-MANDATE", _mandate(subject=organisation("90000202"))),
    Row(
        "a mandate under another rule",
        "EN-TOKEN-MANDATE-RULE",
        _mandate(attributes=(("autorisatieregel/context", "other"),)),
    ),
    Row("a mandate under no rule", "EN-TOKEN-MANDATE-RULE", _mandate(attributes=())),
    Row(
        "a mandate for a context of another system",
        "EN-TOKEN-MANDATE-RULE",
        _mandate(attributes=(("autorisatieregel/context", _RULE), ("contextCodeSystem", "2.16.840.1.9"))),
    ),
    Row(
        "a mandate for another context",
        "EN-TOKEN-MANDATE-RULE",
        _mandate(attributes=(("autorisatieregel/context", _RULE), ("contextCode", "SITEMP"))),
    ),
    Row("a mandate signed with the other certificate", "EN-TOKEN-CARD-USAGE", _mandate("gp")),
    Row("a mandate of an employee", "EN-TOKEN-CARD-TYPE", _mandate("employee")),
    Row("a mandate of who answers for no message", "EN-TOKEN-OVERSEER", _another_overseer, bench=_asks_conditions),
    Row("a mandate given by another", "EN-TOKEN-HOLDER", _mandate(issuer=professional("900000103"))),
    Row("a mandate of who is not the overseer", "EN-TOKEN-HOLDER", _mandate(issuer=professional("900000104"))),
    Row("a server's token changed after signing", "EN-TOKEN-DIGEST", lambda it: _changed(0)(it), False),
    Row("a mandate changed after signing", "EN-TOKEN-DIGEST", lambda it: _changed(1)(it)),
    Row("an enrolment changed after signing", "EN-TOKEN-DIGEST", lambda it: _changed(2)(it)),
    Row("a mandate that ended", "EN-TOKEN-EXPIRED", _mandate(**_window(10 * _MINUTE, -_MINUTE))),
    Row("a mandate for four years", "EN-TOKEN-MANDATE-AGE", _mandate(**_window(_MINUTE, 4 * 365))),
    Row("a mandate that begins later", "EN-TOKEN-NOT-YET", _mandate(**_window(-1, 9))),
    Row("a mandate confirmed as a holder's", "EN-TOKEN-CONFIRMATION", _mandate(method="holder-of-key")),
    Row("two mandates", "EN-TOKEN-DOUBLED", _mandate_doubled),
    Row("an enrolment at another organisation", "EN-TOKEN-ENROLMENT", _enrolment(issuer=organisation("90000202"))),
    Row("an enrolment of another patient", "EN-TOKEN-PATIENT", _enrolment(subject=BRAM.bsn)),
    Row("an enrolment for two years", "EN-TOKEN-ENROLMENT-AGE", _enrolment(**_window(_MINUTE, 730))),
    Row("an enrolment from before its card", "EN-TOKEN-CARD-NOT-YET", _enrolment(**_window(1, 100))),
    Row("an enrolment after a password", "EN-TOKEN-CONTEXT-CLASS", _enrolment(context_class="Password")),
    Row("an enrolment that ended", "EN-TOKEN-EXPIRED", _enrolment(**_window(20 * _MINUTE, -_MINUTE))),
    Row("an enrolment for another party", "EN-TOKEN-AUDIENCE", _enrolment(audience="somebody")),
    Row("an enrolment with ZORG-ID without a scan", "EN-TOKEN-SCAN", _enrolment("zorg-id", attributes=())),
    Row("an enrolment of an unnamed card", "EN-TOKEN-CARD-UNNAMED", _enrolment("bad/unnamed")),
    Row("an enrolment signed after the revocation", "EN-TOKEN-CARD-REVOKED", _enrolment("bad/revoked")),
    Row("an enrolment with the certificate for mandates", "EN-TOKEN-CARD-USAGE", _enrolment("gp-signature")),
)


def _changed(place: int) -> Callable[[Bench], bytes]:
    """A message under a server's token, of which one token was changed after it was signed."""

    def make(bench: Bench) -> bytes:
        envelope = etree.fromstring(bench.by_server())
        assertion = envelope.findall(f".//{{{SAML}}}Assertion")[place]
        text_of(assertion, f".//{{{SAML}}}{CHANGES[place][0]}", CHANGES[place][1])
        return etree.tostring(envelope)

    return make


#: What each of the three tokens could be made to say, so that it would serve for something else.
CHANGES: Final = (("AttributeValue", "another rule"), ("NameID", organisation("90000202")), ("NameID", BRAM.bsn))

BESIDE: Final = tuple(replace(row, good=Bench.by_server) for row in _BESIDE)


# The older token


def _older(**changes: Any) -> Callable[[Bench], bytes]:
    def make(bench: Bench) -> bytes:
        sample = bench.sample()
        block, signature = bench.older(sample, **changes)
        return bench.under(sample, signature, outside=block)

    return make


def _older_unsigned(bench: Bench) -> bytes:
    sample = bench.sample()
    return bench.under(sample, outside=bench.older(sample)[0])


def _older_of_another(bench: Bench) -> bytes:
    """The block of one, the signature of the other."""
    sample = bench.sample()
    return bench.under(sample, bench.older(sample, id="token_x")[1], outside=bench.older(sample)[0])


def _older_changed(bench: Bench) -> bytes:
    sample = bench.sample()
    block, signature = bench.older(sample)
    return bench.under(sample, signature, outside=block.replace(b"<ao:notAfter>20261122", b"<ao:notAfter>20261123"))


def _older_remark(name: str) -> Callable[[Bench], bytes]:
    """A remark before a value of the signature, which stands beside the token."""

    def make(bench: Bench) -> bytes:
        envelope = etree.fromstring(_older()(bench))
        value = signature_in(envelope).find(f".//{{{DS}}}{name}")
        assert value is not None
        remark = etree.Comment("x")
        remark.tail, value.text = value.text, None
        value.insert(0, remark)
        return etree.tostring(envelope)

    return make


def _older_without_event(bench: Bench) -> bytes:
    sample = bench.sample()
    said = bench.older(sample)[0]
    block = re.sub(rb"<ao:triggerEventId>[^<]*</ao:triggerEventId>", b"", said)
    return bench.under(sample, bench.hand.beside(block, _id_of(block)), outside=block)


def _id_of(block: bytes) -> str:
    datum = etree.fromstring(block).find(f"{{{AORTA_805}}}signedData")
    assert datum is not None
    return datum.get(f"{{{WSU}}}Id", "")


def _older_elsewhere(bench: Bench) -> bytes:
    return _older()(bench).replace(b'soap:actor="http://www.aortarelease.nl/actor/zim"', b"", 1)


_OLDER: Final = (
    Row("an older token nobody signed", "EN-TOKEN-UNSIGNED", _older_unsigned, None),
    Row("an older token under another's signature", "EN-TOKEN-REFERENCE", _older_of_another, False),
    Row("an older token changed after signing", "EN-TOKEN-DIGEST", _older_changed, False),
    Row("a remark in an older token's digest", "EN-TOKEN-REMARK", _older_remark("DigestValue"), stricter=NOT_SIGNED),
    Row(
        "a remark in an older token's signature",
        "EN-TOKEN-REMARK",
        _older_remark("SignatureValue"),
        stricter=NOT_SIGNED,
    ),
    Row("an older token for another message", "EN-TOKEN-MISMATCH", _older(extension="another")),
    Row("an older token for another event", "EN-TOKEN-MISMATCH", _older(trigger_event="QUPC_TE990001NL")),
    Row("an older token for no event", "EN-TOKEN-MISMATCH", _older_without_event),
    Row("an older token for another environment", "EN-TOKEN-AUDIENCE", _older(zim="2")),
    Row("an older token that ended", "EN-TOKEN-EXPIRED", _older(issued="20261122095000", ends="20261122095900")),
    Row("an older token of no patient", "EN-TOKEN-PATIENT", _older(bsn=None)),
    Row("an older token of another patient", "EN-WRONG-PATIENT", _older(bsn=BRAM.bsn)),
    Row("an older token of another person", "EN-TOKEN-HOLDER", _older(), bench=_with("post-gp"), good_bench=Bench),
    Row("an older token for somebody else", "EN-TOKEN-PLACE", _older_elsewhere, stricter=NOT_THE_TOKEN),
)
OLDER: Final = tuple(replace(row, good=_older()) for row in _OLDER)


# A token that was used before


def _again(first: Callable[..., bytes], id_: str) -> Callable[[Bench], bytes]:
    """A question under the token of another one, which was asked before it."""

    def make(bench: Bench) -> bytes:
        assert bench.codes(first(bench, id=id_)) == []
        return first(bench, id=id_)

    return make


def _asked_twice(bench: Bench) -> bytes:
    """One question, asked before; a local system repeats it when no answer came."""
    body = bench.message()
    assert bench.codes(body) == []
    return body


def _older_twice(bench: Bench) -> bytes:
    body = _older()(bench)
    assert bench.codes(body) == []
    return body


def _asks() -> Bench:
    return Bench(kind="chain-care-query")


REPLAYED: Final = (
    Row(
        "the token of another question",
        "EN-TOKEN-REUSED",
        _again(Bench.message, "_a-persons"),
        bench=_asks,
        good=_asked_twice,
    ),
    Row(
        "the older token of another question",
        "EN-TOKEN-REUSED",
        _again(lambda bench, **changes: _older(**changes)(bench), "token_older"),
        bench=_asks,
        good=_older_twice,
    ),
    Row(
        "a server's token of another question",
        "EN-TOKEN-REUSED",
        _again(Bench.by_server, "_a-servers"),
        bench=_asks,
        good=Bench.by_server,
    ),
)
