"""Good messages to begin with, and words of HL7v3, SOAP and XML to spoil them with.

Knows: the sandbox, which writes every kind of message.
Must not know: how one is read.
"""

import random
from datetime import UTC, datetime
from functools import cache
from typing import Final

from edge_node.sandbox.application import Application
from edge_node.sandbox.batch import bundle, leg_kinds, make_leg
from edge_node.sandbox.reading import read
from edge_node.sandbox.samples.making import Maker, Sample, Verdict
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, party_of, patient

_AT: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_KINDS: Final = ("locum-report", "prescription", "index-update", "summary-query", "medication-context-query")

WORDS: Final = (
    b"<!DOCTYPE a>", b"<!ENTITY b 'c'>", b"&b;", b"&#48;", b"&amp;", b"<?x y?>", b"<!-- x -->", b"<![CDATA[",
    b"]]>", b'<?xml version="1.1"?>', b'encoding="UTF-16"', b'xmlns=""', b'xmlns="urn:hl7-org:v3"',
    b'xmlns="urn:hl7-org:v3 x"', b' nullFlavor="NI"', b' ID="a"', b' xml:id="a"', b"<soap:Body>",
    b"</soap:Body>", b"<soap:Header>", b"</soap:Header>", b"<soap:Fault>",
    b"<faultcode>soap:Client</faultcode>", b'<id root="1.2" extension="x"/>', b"<attentionLine>",
    b'<value root="2.16.840.1.113883.2.4.6.3" extension="999911120"/>', b'<keyWordText code="PATID"/>',
    b"<ControlActProcess>", b"<queryByParameter>", b"<queryAck>", b"<subject>", b"<acknowledgement>",
    b"<targetMessage>", b'<acknowledgementDetail typeCode="E"><code code="RTEDEST"/></acknowledgementDetail>',
    b'code="AL"', b'code="P"', b'typeCode="CA"', b'typeCode="AE"', b"MCCI_IN000002", b"MCCI_IN200101",
    b"REPC_IN990003NL", b"999911120", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\0",
    b"<saml:AttributeValue>", b"<saml:Assertion>", b"mustUnderstand=\"1\"",
    b'<t:signedData xmlns:t="http://www.aortarelease.nl/805/">',
)  # fmt: skip


def maker(application: str) -> Maker:
    """Write messages as that application, the same at each run."""
    chance = random.Random(application)  # noqa: S311 - only the same again is wanted
    return Maker(
        party_of(application), zim="1", now=lambda: _AT, chance=lambda count: chance.randbytes(count).hex()[:count]
    )


@cache
def requests() -> tuple[Sample, ...]:
    """One of each pattern."""
    asker = maker(PRACTICE.application)
    return tuple(
        asker.request(kind, receiver="1" if "query" in kind else PHARMACY.application, patient=patient(3))
        for kind in _KINDS
    )


@cache
def push() -> Sample:
    """The push that is acknowledged."""
    return maker(PRACTICE.application).request("prescription", receiver=PHARMACY.application, patient=patient(3))


@cache
def receipts() -> tuple[bytes, ...]:
    """What may be said to that push: yes, every way of no, and a fault."""
    sent, receiver = read(push().body), maker(PHARMACY.application)
    no = [Verdict(type_code="CE", code=code, text="no", in_act=False) for code in ("RTEDEST", "KEY205", "SYN105")]
    acknowledgements = [receiver.accept(sent, verdict) for verdict in (Verdict(type_code="CA"), *no)]
    faults = [receiver.fault(side, "ERR_ALG", "as told") for side in ("Server", "Client")]
    return (*acknowledgements, *faults)


@cache
def batch() -> bytes:
    """A batch answer to a query."""
    query = maker(PRACTICE.application).request("prescription-query", receiver="1", patient=patient(3))
    switchboard, question = maker("1"), read(query.body)
    leg = make_leg(switchboard, question, leg_kinds(question, query.kind.service)[0], PHARMACY.application)
    return bundle(switchboard, question, [Application(maker(PHARMACY.application)).answer(read(leg.body))])
