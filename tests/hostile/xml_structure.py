"""Attacks on the structure: depth, floods, namespaces, envelopes, headers, tokens out of place, ids given twice.

Knows: what is done to a message, and the code it is refused with.
Must not know: how a case is run.
"""

from tests.hostile.xml_case import (
    BSN,
    MESSAGE,
    Family,
    Spoil,
    in_body,
    in_header,
    in_payload,
    in_wrapper,
    message_in,
    on_envelope,
    on_message,
    put,
    then,
)

MALFORMED, LIMIT, ENVELOPE = "EN-XML-MALFORMED", "EN-XML-LIMIT", "EN-SOAP-ENVELOPE"
FIELD, AMBIGUOUS, UNDERSTAND = "EN-WRAPPER-FIELD", "EN-XML-AMBIGUOUS", "EN-SOAP-MUST-UNDERSTAND"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
WSU = 'xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"'
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = 'xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"'
T805 = 'xmlns:t="http://www.aortarelease.nl/805/"'
NEXT = "http://schemas.xmlsoap.org/soap/actor/next"

ACT = "<ControlActProcess"
EMPTY_ATTRIBUTE, DECLARATION = 'a{}=""', 'xmlns:n{}="urn:x"'


def nested(depth: int) -> str:
    return "<x>" * depth + "</x>" * depth


def many(count: int, text: str) -> str:
    return " ".join(text.format(n) for n in range(count))


def of_body(change: Spoil) -> Spoil:
    """Only the message is changed, and put back."""

    def spoil(body: bytes) -> bytes:
        message = message_in(body)
        return body.replace(message, change(message))

    return spoil


def header_last(body: bytes) -> bytes:
    """The Header is moved behind the Body."""
    end = b"</soap:Header>"
    header = body[body.index(b"<soap:Header>") : body.index(end) + len(end)]
    return body.replace(header, b"").replace(b"</soap:Body>", b"</soap:Body>" + header)


DEPTH = Family("depth")
DEPTH.each_refused(
    LIMIT,
    [
        ("in the payload", in_payload(nested(101))),
        ("in the wrapper", in_wrapper(nested(101))),
        ("in the header", in_header(nested(101))),
        ("in the control act", put("<effectiveTime", f"{nested(101)}<effectiveTime")),
        ("of a hundred thousand", in_payload(nested(100_000))),
        ("that never comes back", in_payload("<x>" * 5_000)),
        ("of envelopes", in_header(f"<soap:Envelope xmlns:soap='{SOAP}'>" * 200)),
    ],
)
DEPTH.harmless("of fifty in the payload", in_payload(nested(50)))

ATTRIBUTES = Family("floods of attributes")
ATTRIBUTES.each_refused(
    LIMIT,
    [
        ("in the payload", in_payload(f"<x {many(65, EMPTY_ATTRIBUTE)}/>")),
        ("in the wrapper", in_wrapper(f"<x {many(65, EMPTY_ATTRIBUTE)}/>")),
        ("in the header", in_header(f"<x {many(65, EMPTY_ATTRIBUTE)}/>")),
        ("on the Envelope", on_envelope(many(65, EMPTY_ATTRIBUTE))),
        ("on the message", on_message(many(65, EMPTY_ATTRIBUTE))),
        ("of five thousand", in_payload(f"<x {many(5_000, EMPTY_ATTRIBUTE)}/>")),
        ("in one long tag", in_payload(f"<x {many(60_000, EMPTY_ATTRIBUTE)}/>")),
    ],
)
ATTRIBUTES.refused(MALFORMED, "twice the same", put("<id extension=", '<id extension="other" extension='))
ATTRIBUTES.refused(
    MALFORMED, "twice the same under two prefixes", in_payload('<x xmlns:a="u" xmlns:b="u" a:c="1" b:c="2"/>')
)
ATTRIBUTES.harmless("of sixty", in_payload(f"<x {many(60, EMPTY_ATTRIBUTE)}/>"))

NAMESPACES = Family("floods of namespaces")
NAMESPACES.each_refused(
    LIMIT,
    [
        ("on one element", in_payload(f"<x {many(65, DECLARATION)}/>")),
        ("on the Envelope", on_envelope(many(65, DECLARATION))),
        ("a thousand on one element", in_payload(f"<x {many(1_000, DECLARATION)}/>")),
        ("each element its own", in_payload("".join(f'<x xmlns:n{n}="urn:{n}"/>' for n in range(6_000)))),
        ("one long name", in_payload(f'<x xmlns="urn:{"x" * 300}"/>')),
    ],
)
NAMESPACES.harmless("sixty on one element", in_payload(f"<x {many(60, DECLARATION)}/>"))
NAMESPACES.harmless("one declared a thousand times", in_payload('<x xmlns:n="urn:x"/>' * 1_000))

PREFIXES = Family("namespace tricks")
PREFIXES.each_refused(
    MALFORMED,
    [
        ("a space in a name", put('xmlns="urn:hl7-org:v3"', 'xmlns="urn:hl7-org:v3 x"')),
        ("a line end in a name", in_payload('<x xmlns="urn:hl7-org:v3&#10;x"/>')),
        ("an unknown prefix", in_payload("<nobody:x/>")),
        ("an unknown prefix of an attribute", in_payload('<x nobody:y=""/>')),
        ("a prefix taken back", in_payload('<x xmlns:n=""/>')),
        ("another xml", in_payload('<x xmlns:xml="urn:x"/>')),
        ("another xmlns", in_payload('<x xmlns:xmlns="urn:x"/>')),
        ("two colons", in_payload('<a:b:c xmlns:a="urn:x"/>')),
    ],
)
PREFIXES.each_refused(
    ENVELOPE,
    [
        ("another name in capitals", put('xmlns="urn:hl7-org:v3"', 'xmlns="URN:HL7-ORG:V3"')),
        ("another name with a slash", put('xmlns="urn:hl7-org:v3"', 'xmlns="urn:hl7-org:v3/"')),
        ("no name", put('xmlns="urn:hl7-org:v3"', 'xmlns=""')),
        (
            "the prefix of the message bound otherwise",
            put(MESSAGE, b'<REPC_IN990003NL xmlns:h="urn:hl7-org:v3" xmlns="urn:x" a='),
        ),
    ],
)
PREFIXES.each_refused(
    FIELD,
    [
        ("a field without a namespace", put("<id extension=", '<id xmlns="" extension=')),
        ("a field in another namespace", put("<creationTime ", '<creationTime xmlns="urn:x" ')),
        ("a receiver in another namespace", put("<receiver>", '<receiver xmlns="urn:x">')),
        ("a device without a namespace", put("<sender><device ", '<sender><device xmlns="" ')),
    ],
)
PREFIXES.harmless("a prefix bound again", in_payload('<p:x xmlns:p="urn:a"><p:x xmlns:p="urn:b"/></p:x>'))
PREFIXES.harmless("the prefix of SOAP bound again", in_payload('<soap:Body xmlns:soap="urn:x"/>'))
PREFIXES.harmless("the same name under a prefix", in_payload('<h:x xmlns:h="urn:hl7-org:v3"/>'))
PREFIXES.harmless(
    "the message under a prefix",
    of_body(
        lambda message: message.replace(b"<", b"<h:").replace(b"<h:/", b"</h:").replace(b" xmlns=", b" xmlns:h=", 1)
    ),
)
PREFIXES.harmless(
    "another id before the message id", put("<id extension=", '<x:id xmlns:x="urn:x" extension="o"/><id extension=')
)
PREFIXES.harmless(
    "an id of no namespace before the message id", put("<id extension=", '<id xmlns="" extension="o"/><id extension=')
)

NAMES = Family("floods of names")
NAMES.each_refused(
    LIMIT,
    [
        ("one of three hundred characters", in_payload(f"<{'x' * 300}/>")),
        ("one of seventy thousand", in_payload(f"<{'x' * 70_000}/>")),
        ("six thousand different ones", in_payload("".join(f"<x{n}/>" for n in range(6_000)))),
        ("six thousand attributes", in_payload("".join(f'<x a{n}=""/>' for n in range(6_000)))),
        ("half a million tags", in_payload("<x/>" * 500_001)),
        ("a value of three hundred thousand", in_payload(f'<x y="{"z" * 300_000}"/>')),
        ("a remark of three hundred thousand", in_payload(f"<!--{'x' * 300_000}-->")),
    ],
)
NAMES.harmless("a text of three hundred thousand", in_payload(f"<x>{'y' * 300_000}</x>"))
NAMES.harmless("character data of three hundred thousand", in_payload(f"<x><![CDATA[{'<' * 300_000}]]></x>"))
NAMES.harmless("a hundred thousand tags", in_payload("<x/>" * 100_000))

BODIES = Family("envelopes")
EMPTY = f'<soap:Envelope xmlns:soap="{SOAP}">{{}}</soap:Envelope>'
BODIES.each_refused(
    ENVELOPE,
    [
        ("two messages", of_body(lambda message: message * 2)),
        ("a message and something else", in_body("<x/>")),
        ("something else and a message", put("<soap:Body>", '<soap:Body><x xmlns="urn:x"/>')),
        ("a second Body", put("</soap:Body>", "</soap:Body><soap:Body/>")),
        ("a Body before", put("<soap:Header>", "<soap:Body/><soap:Header>")),
        (
            "two Bodies with messages",
            lambda body: body.replace(
                b"</soap:Body>", b"</soap:Body><soap:Body>" + message_in(body) + b"</soap:Body>"
            ),
        ),
        ("a second Header", put("<soap:Body>", "<soap:Header/><soap:Body>")),
        ("a Header behind the Body", put("</soap:Envelope>", "<soap:Header/></soap:Envelope>")),
        ("its one Header behind the Body", header_last),
        ("something behind the Body", put("</soap:Envelope>", "<x/></soap:Envelope>")),
        (
            "a message in the Header",
            lambda body: body.replace(b"</soap:Header>", message_in(body) + b"</soap:Header>"),
        ),
        (
            "a message deep in the Header",
            lambda body: body.replace(b"</soap:Header>", b"<x>" + message_in(body) + b"</x></soap:Header>"),
        ),
        ("a fault", lambda _body: EMPTY.format("<soap:Body><soap:Fault/></soap:Body>").encode()),
        ("a fault and a message", put("<soap:Body>", "<soap:Body><soap:Fault/>")),
        ("an empty Body", lambda _body: EMPTY.format("<soap:Body/>").encode()),
        ("no Body", lambda _body: EMPTY.format("").encode()),
        ("an Envelope in the Body", put("<soap:Body>", "<soap:Body><soap:Envelope/>")),
        ("SOAP 1.2", put(SOAP, SOAP12)),
        ("SOAP of nobody", put(SOAP, "http://schemas.xmlsoap.org/soap/envelope")),
        ("a Body of another SOAP", put("<soap:Body>", f'<soap:Body xmlns:soap="{SOAP12}">')),
        ("an envelope in small letters", lambda body: body.replace(b"soap:Envelope", b"soap:envelope")),
        ("a body in small letters", lambda body: body.replace(b"soap:Body", b"soap:body")),
        ("another root", lambda _body: b"<html><body/></html>"),
    ],
)
BODIES.refused_by_rule(ENVELOPE, "none around the message", message_in)
BODIES.harmless("text between its parts", put("<soap:Body>", "text<soap:Body>text"))
BODIES.harmless("a Body with attributes", put("<soap:Body>", '<soap:Body encodingStyle="x" soap:root="0">'))

MUST = Family("mustUnderstand")
MUST.each_refused(
    UNDERSTAND,
    [
        (f"{value!r} for {actor or 'us'}", in_header(f'<x:y xmlns:x="urn:x" soap:mustUnderstand="{value}"{actor}/>'))
        for value in ("1", "true", " 1 ", "yes")
        for actor in ("", f' soap:actor="{NEXT}"', ' soap:actor=" "')
    ],
)
MUST.harmless("not demanded", in_header('<x:y xmlns:x="urn:x" soap:mustUnderstand="0"/>'))
MUST.harmless("demanded of another", in_header('<x:y xmlns:x="urn:x" soap:mustUnderstand="1" soap:actor="urn:z"/>'))
MUST.harmless("demanded in no namespace", in_header('<x:y xmlns:x="urn:x" mustUnderstand="1"/>'))

IDS = Family("ids given twice")
IDS.each_refused(
    AMBIGUOUS,
    [
        (
            "on Body and header",
            then(put("<soap:Body>", f'<soap:Body {WSU} u:Id="b">'), in_header(f'<x {WSU} u:Id="b"/>')),
        ),
        (
            "on Body and payload",
            then(put("<soap:Body>", f'<soap:Body {WSU} u:Id="b">'), in_payload(f'<x {WSU} u:Id="b"/>')),
        ),
        ("of the token, on the Body", lambda body: put("<soap:Body>", f'<soap:Body ID="{token_id(body)}">')(body)),
        ("of the token, in the payload", lambda body: in_payload(f'<x ID="{token_id(body)}"/>')(body)),
        ("of the token, as xml:id", lambda body: in_payload(f'<x xml:id="{token_id(body)}"/>')(body)),
        ("of the token, as another Id", lambda body: in_payload(f'<x Id="{token_id(body)}"/>')(body)),
        ("of the token, on a device", lambda body: put("<receiver>", f'<receiver ID="{token_id(body)}">')(body)),
        ("of the token, on the control act", lambda body: put(ACT, f'{ACT} ID="{token_id(body)}"')(body)),
        ("of the token, on the message", lambda body: on_message(f'ID="{token_id(body)}"')(body)),
        (
            "of the token, on another token",
            lambda body: put("</wsse:Security>", f'<a:Assertion {SAML} ID="{token_id(body)}"/></wsse:Security>')(
                body
            ),
        ),
        ("xml:id twice", in_payload('<x xml:id="a"/><x xml:id="a"/>')),
        ("wsu:Id twice", in_payload(f'<x {WSU} u:Id="a"/><x {WSU} u:Id="a"/>')),
        ("wsu:Id and xml:id", in_payload(f'<x {WSU} u:Id="a"/><x xml:id="a"/>')),
    ],
)
IDS.refused(LIMIT, "a thousand and one of them", in_payload("".join(f'<x xml:id="a{n}"/>' for n in range(1_001))))
IDS.harmless("two names of one id on one element", in_payload(f'<x {WSU} u:Id="a" xml:id="a"/>'))
IDS.harmless("in two embedded documents", in_payload('<x ID="a1"/><x ID="a1"/>'))


def token_id(body: bytes) -> str:
    return body.partition(b' ID="')[2].partition(b'"')[0].decode()


def token_of(body: bytes) -> bytes:
    end = b"</saml:Assertion>"
    return body[body.index(b"<saml:Assertion") : body.index(end) + len(end)]


def moved(before: str, after: str) -> Spoil:
    """The token is enclosed in something."""
    return lambda body: body.replace(token_of(body), before.encode() + token_of(body) + after.encode())


def second(number: str) -> Spoil:
    """A second token, for that patient."""

    def spoil(body: bytes) -> bytes:
        token = token_of(body).replace(b' ID="', b' ID="x').replace(BSN.encode(), number.encode())
        return body.replace(b"</wsse:Security>", token + b"</wsse:Security>")

    return spoil


OTHER = "999911120"
PATIENT = "<t:root>2.16.840.1.113883.2.4.6.3</t:root>"
SIGNED = (
    f"<t:authenticationTokens {T805}><t:signedData><t:coSignedData>{{}}</t:coSignedData></t:signedData>"
    "</t:authenticationTokens>"
)

WRAPPING = Family("signature wrapping")
WRAPPING.each_refused(
    AMBIGUOUS,
    [
        ("the token in something else", moved("<x>", "</x>")),
        ("the token in an XML signature", moved('<Object xmlns="http://www.w3.org/2000/09/xmldsig#">', "</Object>")),
        (
            "the token in a block of nobody",
            lambda body: body.replace(b"<wsse:Security ", b"<Security ").replace(b"wsse:Security>", b"Security>"),
        ),
        (
            "a bare token",
            lambda body: body.replace(
                b"</soap:Header>", token_of(body).replace(b' ID="', b' ID="x') + b"</soap:Header>"
            ),
        ),
        (
            "a second Security block",
            in_header(f'<w:Security xmlns:w="{WSSE}" soap:actor="http://www.aortarelease.nl/actor/zim"/>'),
        ),
        ("a datum of the older token alone", in_header(f"<t:signedData {T805}/>")),
        ("a datum of the older token in something else", in_header(f"<t:x {T805}><t:signedData/></t:x>")),
        (
            "two time windows",
            put("</saml:Conditions>", '</saml:Conditions><saml:Conditions NotOnOrAfter="2099-01-01"/>'),
        ),
        ("two roots of a patient", in_header(SIGNED.format(f"<t:patientId>{PATIENT * 2}</t:patientId>"))),
    ],
)
WRAPPING.refused_by_rule("EN-WRONG-PATIENT", "a second token for another patient", second(OTHER))
WRAPPING.refused_by_rule(
    "EN-WRONG-PATIENT",
    "an older token for another patient, its parts turned round",
    in_header(SIGNED.format(f"<t:patientId><t:extension>{OTHER}</t:extension>{PATIENT}</t:patientId>")),
)
WRAPPING.refused_by_rule(
    "EN-WRONG-PATIENT",
    "a second patient in an older token",
    in_header(SIGNED.format(f"<t:patientId/><t:patientId>{PATIENT}<t:extension>{OTHER}</t:extension></t:patientId>")),
)
WRAPPING.harmless(
    "a token in the payload", lambda body: in_payload(token_of(body).decode().replace(' ID="', ' ID="x'))(body)
)
WRAPPING.harmless(
    "a token in the advice of another",
    put("</saml:Assertion>", f'<saml:Advice><saml:Assertion {SAML} ID="adv"/></saml:Advice></saml:Assertion>'),
)
WRAPPING.harmless("a whole message in the payload", lambda body: in_payload(message_in(body).decode())(body))

FAMILIES = (DEPTH, ATTRIBUTES, NAMESPACES, PREFIXES, NAMES, BODIES, MUST, IDS, WRAPPING)
