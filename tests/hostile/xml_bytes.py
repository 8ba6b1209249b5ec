"""Attacks below the level of elements: prologs, entities, encodings, control characters, packing, endings.

Knows: what is done to the bytes, and the code it is refused with.
Must not know: how a case is run.
"""

import gzip
import zlib

from tests.hostile.xml_case import (
    BSN,
    Family,
    Spoil,
    as_text,
    first,
    in_header,
    in_id,
    in_payload,
    in_value,
    in_wrapper,
    last,
    put,
    same,
)

MALFORMED, ENCODING, LIMIT = "EN-XML-MALFORMED", "EN-XML-ENCODING", "EN-XML-LIMIT"
MEDIA = "EN-MEDIA-TYPE"


def doctype(text: str) -> Spoil:
    return put("<soap:Envelope", f"<!DOCTYPE {text}><soap:Envelope")


def declared(text: str) -> Spoil:
    return first(f"<?xml {text}?>\n")


def with_bom(encoding: str, bom: bytes) -> Spoil:
    written = as_text(encoding)
    return lambda body: bom + written(body)


def in_text(raw: bytes) -> Spoil:
    return put(b"<text>", b"<text>" + raw)


DOCTYPE = Family("doctype")
DOCTYPE.each_refused(
    "EN-XML-DOCTYPE",
    [
        ("empty", doctype("Envelope")),
        ("with an internal subset", doctype("a [<!ELEMENT a ANY>]")),
        ("with an entity", doctype("a [<!ENTITY b 'c'>]")),
        ("with a parameter entity", doctype("a [<!ENTITY % b SYSTEM 'file:///etc/passwd'> %b;]")),
        ("of a file", doctype("a SYSTEM 'file:///etc/passwd'")),
        ("of a host", doctype("a PUBLIC '-//x//y' 'http://attacker.example/x.dtd'")),
        ("with a default attribute", doctype("a [<!ATTLIST id extension CDATA 'other'>]")),
        ("behind a remark", put("<soap:Envelope", "<!-- x -->\n<!DOCTYPE a><soap:Envelope")),
    ],
)
DOCTYPE.refused(MALFORMED, "in small letters", put("<soap:Envelope", "<!doctype a><soap:Envelope"))
DOCTYPE.refused(MALFORMED, "inside the message", in_wrapper("<!DOCTYPE a>"))
DOCTYPE.refused(MALFORMED, "behind the message", last("<!DOCTYPE a>"))

ENTITY = Family("entities")
LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
ENTITY.each_refused(
    "EN-XML-DOCTYPE",
    [
        ("that multiply", doctype(f"a [<!ENTITY l0 'lol'>{LAUGHS}]")),
        ("that hold themselves", doctype("a [<!ENTITY b '&c;'><!ENTITY c '&b;'>]")),
        ("that are one long text", doctype(f"a [<!ENTITY b '{'x' * 60_000}'>]")),
        ("that are a file", doctype("a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]")),
    ],
)
ENTITY.each_refused(
    MALFORMED,
    [
        ("unknown, in a text", in_payload("<x>&xxe;</x>")),
        ("unknown, in the message id", in_id("&xxe;")),
        ("of HTML", in_payload("<x>&nbsp;</x>")),
        ("without an end", in_payload("<x>&amp</x>")),
        ("a bare ampersand", in_id("a&b")),
    ],
)
ENTITY.each_refused(
    MALFORMED,
    [
        (f"character {number}", in_payload(f"<x>&#{number};</x>"))
        for number in ("0", "8", "x1F", "xD800", "xFFFE", "x110000", "99999999999999999999")
    ],
)
ENTITY.harmless("markup written as characters", in_payload("<x>&#60;id extension=&#34;other&#34;/&#62;</x>"))
ENTITY.harmless("digits of the message id written as characters", in_id("&#54;&#x36;-characters"))
ENTITY.harmless("digits of the patient number written as characters", in_value(f"&#x39;{BSN[1:]}"))
ENTITY.harmless("an ampersand in the message id", in_id("a&amp;b&lt;c"))

INSTRUCTION = Family("processing instructions")
INSTRUCTION.each_refused(
    "EN-XML-INSTRUCTION",
    [
        (
            "a style sheet",
            put("<soap:Envelope", '<?xml-stylesheet href="http://attacker.example/x.xsl"?><soap:Envelope'),
        ),
        ("a model", put("<soap:Envelope", '<?xml-model href="file:///etc/passwd"?><soap:Envelope')),
        ("in the header", in_header("<?x y?>")),
        ("in the wrapper", in_wrapper("<?php system('id') ?>")),
        ("in the payload", in_payload("<?x y?>")),
        ("in a value", in_value(f"{BSN[:4]}<?x?>{BSN[4:]}")),
        ("behind the message", last("<?x y?>")),
    ],
)
INSTRUCTION.refused(MALFORMED, "a second declaration", put("<soap:Envelope", '<?xml version="1.0"?><soap:Envelope'))
INSTRUCTION.refused(MALFORMED, "a declaration inside", in_payload('<?xml version="1.0" encoding="UTF-16"?>'))
INSTRUCTION.refused(LIMIT, "without an end", in_payload("<?x " + "y" * 300_000))

CHARSET = Family("charsets")
CHARSET.each_refused(
    ENCODING,
    [
        ("UTF-16, little end first", with_bom("utf-16-le", b"\xff\xfe")),
        ("UTF-16, big end first", with_bom("utf-16-be", b"\xfe\xff")),
        ("UTF-16 without a mark", as_text("utf-16-le")),
        ("UTF-16 without a mark, big end first", as_text("utf-16-be")),
        ("UTF-32", with_bom("utf-32-le", b"\xff\xfe\0\0")),
        ("UTF-32, big end first", with_bom("utf-32-be", b"\0\0\xfe\xff")),
        ("a declaration of UTF-16", declared('version="1.0" encoding="UTF-16"')),
        ("a declaration of Latin 1", declared('version="1.0" encoding="ISO-8859-1"')),
        ("a declaration of Windows", declared('version="1.0" encoding="windows-1252"')),
        ("a declaration of ASCII", declared('version="1.0" encoding="US-ASCII"')),
        ("a declaration of UTF-7", declared('version="1.0" encoding="UTF-7"')),
        ("a declaration of nobody's", declared('version="1.0" encoding="x-own"')),
    ],
)
CHARSET.each_refused(
    MALFORMED,
    [
        ("UTF-7", lambda body: body.replace(b"<", b"+ADw-").replace(b">", b"+AD4-")),
        ("EBCDIC", as_text("cp037")),
        ("Latin 1 without a word", as_text("latin-1")),
        ("a declaration without a version", declared('encoding="UTF-8"')),
        ("XML 1.1", declared('version="1.1"')),
        ("XML 2.0", declared('version="2.0"')),
        ("a declaration behind a space", lambda body: b" " + body),
        ("two byte order marks", lambda body: b"\xef\xbb\xbf" * 2 + body),
        ("a cut byte order mark", lambda body: b"\xef\xbb" + body),
    ],
)
CHARSET.refused(ENCODING, "Latin 1 in the Content-Type", same, **{"content-type": "text/xml; charset=iso-8859-1"})
CHARSET.refused(ENCODING, "UTF-16 in the Content-Type", same, **{"content-type": 'text/xml; charset="utf-16"'})
CHARSET.refused(
    ENCODING, "two in the Content-Type", same, **{"content-type": "text/xml; charset=utf-8; charset=utf-7"}
)
CHARSET.harmless("a byte order mark", lambda body: b"\xef\xbb\xbf" + body)
CHARSET.harmless("a byte order mark and no declaration", first(b"\xef\xbb\xbf"))
CHARSET.harmless("small letters", declared("version='1.0' encoding='utf-8' standalone='no'"))
CHARSET.harmless("no declaration", first(""))
CHARSET.harmless("a mark in a text", in_text("\ufeff".encode()))

UTF8 = Family("broken UTF-8")
UTF8.each_refused(
    MALFORMED,
    [
        ("a slash in two bytes", in_text(b"\xc0\xaf")),
        ("a tag in two bytes", in_text(b"\xc0\xbcid/\xc0\xbe")),
        ("a tag in three bytes", in_text(b"\xe0\x80\xbc")),
        ("a NUL in two bytes", in_text(b"\xc0\x80")),
        ("half a pair", in_text(b"\xed\xa0\x80")),
        ("a pair in six bytes", in_text(b"\xed\xa0\xbd\xed\xb8\x80")),
        ("five bytes", in_text(b"\xf8\x88\x80\x80\x80")),
        ("beyond Unicode", in_text(b"\xf4\x90\x80\x80")),
        ("a lone second byte", in_text(b"\x80")),
        ("a character that breaks off", in_text(b"\xe2\x82")),
        ("in the message id", lambda body: in_id("x")(body).replace(b'"x"', b'"\xff"', 1)),
    ],
)

CONTROL = Family("control characters")
CONTROL.each_refused(
    MALFORMED,
    [
        (f"{raw!r} in a text", in_text(raw))
        for raw in (b"\0", b"\1", b"\x08", b"\x0b", b"\x1b[2J", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
    ],
)
CONTROL.refused(MALFORMED, "NUL in the message id", in_id("a\0b"))
CONTROL.refused(MALFORMED, "NUL behind the message", last(b"\0"))
CONTROL.refused(ENCODING, "NUL before the message", lambda body: b"\0" + body)
CONTROL.harmless("DEL in a text", in_text(b"\x7f"))
CONTROL.harmless("next line in a text", in_text("\x85".encode()))
CONTROL.harmless("line separator in a text", in_text("\u2028".encode()))

PACKED = Family("packed bodies")
PACKED.each_refused(
    MALFORMED,
    [
        ("deflate without a word", zlib.compress),
        ("deflate, bare", lambda body: zlib.compress(body)[2:]),
        ("ZIP", lambda body: b"PK\x03\x04" + body),
    ],
)
PACKED.refused(ENCODING, "gzip without a word", gzip.compress)
PACKED.refused(ENCODING, "a bomb", lambda body: gzip.compress(b" " * 5_000_000 + body))
for coding in ("gzip", "deflate", "br", "GZIP", "identity, gzip"):
    PACKED.refused(MEDIA, f"Content-Encoding: {coding}", gzip.compress, **{"content-encoding": coding})

MTOM = Family("MTOM")
PARTS = '--b\r\nContent-Type: application/xop+xml; type="text/xml"\r\nContent-ID: <0>\r\n\r\n'
XOP = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:1"/>'


def in_parts(body: bytes) -> bytes:
    return PARTS.encode() + body + b"\r\n--b\r\nContent-ID: <1>\r\n\r\n<id/>\r\n--b--\r\n"


for kind in (
    'multipart/related; boundary=b; type="application/xop+xml"; start-info="text/xml"',
    'multipart/related; boundary=b; type="text/xml"',
    'application/xop+xml; charset=UTF-8; type="text/xml"',
    "multipart/mixed; boundary=b",
):
    MTOM.refused(MEDIA, kind, in_parts, **{"content-type": kind})
MTOM.refused(MALFORMED, "parts that are called XML", in_parts)
MTOM.refused(
    "EN-WRAPPER-FIELD", "an Include in place of the message id", put("<id extension=", f"{XOP}<x extension=")
)
MTOM.refused("EN-XML-AMBIGUOUS", "an Include in place of the patient number", in_value(XOP))
MTOM.harmless("an Include in the payload", in_payload(f"<x>{XOP}</x>"))

ENDING = Family("endings")
ENDING.each_refused(
    MALFORMED,
    [
        ("text behind it", last("hello")),
        ("a second root", last("<x/>")),
        ("a second envelope", lambda body: body + body.partition(b"?>\n")[2]),
        ("a second document", lambda body: body + body),
        ("character data behind it", last("<![CDATA[x]]>")),
        ("an entity behind it", last("&amp;")),
        ("an end tag too many", last("</x>")),
        ("no end", lambda body: body.rstrip()[:-1]),
        ("no end of the Body", lambda body: body[: body.index(b"</soap:Body>")]),
        ("half", lambda body: body[: len(body) // 2]),
        ("nothing", lambda _body: b""),
        ("spaces only", lambda _body: b"   \n"),
        ("a declaration only", lambda body: body[: body.index(b"<soap:Envelope")]),
        ("another end tag", put("</soap:Body>", "</soap:Bodi>")),
    ],
)
ENDING.harmless("spaces and a remark behind it", last("\r\n \t<!-- end -->\n"))

FAMILIES = (DOCTYPE, ENTITY, INSTRUCTION, CHARSET, UTF8, CONTROL, PACKED, MTOM, ENDING)
