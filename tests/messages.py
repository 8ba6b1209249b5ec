"""Messages as bytes, for tests of the line."""

from datetime import UTC, datetime
from functools import cache
from typing import Final

from edge_node.formats import interactions, making
from edge_node.formats.ids import Stamp
from edge_node.model.identifiers import ApplicationId, MessageId
from edge_node.model.interaction import Catalogue
from edge_node.model.message import Detail, Wrapper

AT: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ROOT: Final = "2.16.840.1.113883.2.4.6.6.900001.7"

_ENVELOPE: Final = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">{header}<soap:Body>{message}</soap:Body>'
    "</soap:Envelope>"
)
_TOKEN: Final = (
    '<soap:Header><wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-wssecurity-secext-1.0.xsd" soap:actor="http://www.aortarelease.nl/actor/zim" '
    'soap:mustUnderstand="1"><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="{token}" Version="2.0">'
    "<Subject><NameID>900000101:01.015</NameID></Subject><AttributeStatement>"
    '<Attribute Name="interactionId"><AttributeValue>{name}</AttributeValue></Attribute>'
    '<Attribute Name="messageIdRoot"><AttributeValue>{root}</AttributeValue></Attribute>'
    '<Attribute Name="messageIdExt"><AttributeValue>{extension}</AttributeValue></Attribute>'
    "</AttributeStatement></Assertion></wsse:Security></soap:Header>"
)
_GP: Final = (
    '<id root="2.16.528.1.1007.3.1" extension="900000101"/>'
    '<code code="01.015" codeSystem="2.16.840.1.113883.2.4.15.111"/>'
    "<assignedPrincipalChoiceList><assignedPerson><name>H. Proefarts</name></assignedPerson>"
    '</assignedPrincipalChoiceList><Organization><id root="2.16.528.1.1007.3.3" extension="90000001"/></Organization>'
)
_BY_PERSON: Final = (
    f'<authorOrPerformer typeCode="AUT"><participant><AssignedPerson>{_GP}</AssignedPerson></participant>'
    f'</authorOrPerformer><overseer typeCode="RESP"><assignedEntity>{_GP}</assignedEntity></overseer>'
)
_BY_SYSTEM: Final = (
    '<authorOrPerformer typeCode="AUT"><participant><AssignedDevice>'
    '<id root="2.16.840.1.113883.2.4.6.6" extension="{sender}"/></AssignedDevice></participant></authorOrPerformer>'
)
_MESSAGE: Final = (
    '<{name} xmlns="urn:hl7-org:v3"><id root="{root}" extension="{extension}"/><creationTime value="20261121130000"/>'
    '<versionCode code="NICTIZEd2005-Okt"/><interactionId root="2.16.840.1.113883.1.6" extension="{name}"/>'
    '<profileId root="2.16.840.1.113883.2.4.3.11.1" extension="810"/><processingCode code="P"/>'
    '<processingModeCode code="T"/><acceptAckCode code="{accept_ack}"/>{acknowledgement}'
    '<attentionLine><keyWordText code="PATID" codeSystem="2.16.840.1.113883.2.4.15.1"/>'
    '<value root="2.16.840.1.113883.2.4.6.3" extension="{bsn}"/></attentionLine>'
    '<receiver><device><id root="2.16.840.1.113883.2.4.6.6" extension="{receiver}"/></device></receiver>'
    '<sender><device><id root="2.16.840.1.113883.2.4.6.6" extension="{sender}"/></device></sender>'
    '<ControlActProcess moodCode="EVN">{author}{act}</ControlActProcess></{name}>'
)


@cache
def catalogue() -> Catalogue:
    """The product's own table."""
    return interactions.load()


def a_query(extension: str = "q1", *, bsn: str = "999911120", sender: str = "900001", receiver: str = "1") -> bytes:
    """A query for the professional summary: by a person to the switchboard, or by the switchboard to a source."""
    by_zim = sender == "1"
    act = (
        f'<queryByParameter><queryId root="{ROOT}" extension="{extension}"/><statusCode code="executing"/>'
        f'<responseModalityCode code="{"R" if by_zim else "B"}"/></queryByParameter>'
    )
    fields = {"bsn": bsn, "sender": sender, "receiver": receiver, "act": act, "accept_ack": "NE"}
    signed = {} if by_zim else {"token": "t1", "author": _BY_PERSON}
    return _wrapped("QUPC_IN990001NL", extension, **fields, **signed)


def a_summary(
    extension: str = "q1", *, bsn: str = "999911120", query: str = "q1", target: str = "q1", filler: int = 0
) -> bytes:
    """The answer to that query, from the switchboard."""
    acknowledgement = (
        f'<acknowledgement typeCode="AA"><targetMessage><id root="{ROOT}" extension="{target}"/></targetMessage>'
        "</acknowledgement>"
    )
    act = (
        f"<subject><text>{'x' * filler}</text></subject>"
        f'<queryAck><queryId root="{ROOT}" extension="{query}"/><queryResponseCode code="OK"/></queryAck>'
    )
    return _wrapped(
        "QUPC_IN990002NL",
        f"a-{extension}",
        bsn=bsn,
        sender="1",
        receiver="900001",
        act=act,
        accept_ack="NE",
        acknowledgement=acknowledgement,
    )


def a_report(
    extension: str = "r1", *, token: str = "", text: str = "well", sender: str = "900001", receiver: str = "900077"
) -> bytes:
    """A report of medication use, a push that may be kept: a system may send it, with or without a token."""
    act = f"<subject><text>{text}</text></subject>"
    return _wrapped(
        "PMMG_IN040010NL02", extension, sender=sender, receiver=receiver, act=act, accept_ack="AL", token=token
    )


def a_registration(extension: str = "n1", *, sender: str = "900001", receiver: str = "1") -> bytes:
    """A registration with the index, of which a site may send a night's worth at once."""
    act = "<subject><text>x</text></subject>"
    fields = {"sender": sender, "receiver": receiver, "act": act, "accept_ack": "AL", "author": _BY_PERSON}
    return _wrapped("MFMT_IN002101", extension, token=f"t-{extension}", **fields)


def an_order(extension: str = "o1", *, sender: str = "900001", receiver: str = "1") -> bytes:
    """A report of consent: it is answered with its content accepted or refused, never by a bare receipt."""
    act = "<subject><text>x</text></subject>"
    return _wrapped("PXAC_IN990001NL01", extension, sender=sender, receiver=receiver, act=act, accept_ack="NE")


def an_ack_of(of: Wrapper, type_code: str = "CA", *, code: str | None = None) -> bytes:
    """The accept acknowledgement of a message."""
    details = (Detail("E", code, "2.16.840.1.113883.5.1100"),) if code else ()
    return making.accept_acknowledgement(of, Stamp(id=MessageId(ROOT, "ack"), at=AT), type_code, details)


def a_tick(sender: str, receiver: str, extension: str = "t1") -> bytes:
    """A tick."""
    stamp = Stamp(id=MessageId(ROOT, extension), at=AT)
    return making.tick(ApplicationId(sender), ApplicationId(receiver), stamp)


def _wrapped(name: str, extension: str, **given: str) -> bytes:
    fields = {"acknowledgement": "", "bsn": "999911120", "token": "", "author": _BY_SYSTEM, **given}
    fields |= {"name": name, "root": ROOT, "extension": extension, "author": fields["author"].format(**fields)}
    header = _TOKEN.format(**fields) if fields["token"] else ""
    return _ENVELOPE.format(header=header, message=_MESSAGE.format(**fields)).encode()
