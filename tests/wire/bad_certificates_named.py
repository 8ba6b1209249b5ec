"""Bad certificates by what they are for and whose they are, each beside a good one."""

import ipaddress
from dataclasses import replace

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.wire.bad_certificates import (
    GOOD,
    ISSUER,
    LEAF,
    NAME,
    OPERATOR,
    SERVICES,
    UNKNOWN,
    Row,
    Site,
    Way,
    of_issuer,
    of_leaf,
)
from tests.wire.forge import CLIENT, SERVER, der

#: Numbers of extensions: a SAN, a comment of old browsers.
SAN, COMMENT = "2.5.29.17", "2.16.840.1.113730.1.13"
OTHER_NAMES = der(0x30, der(0x82, b"other.example"))
SAN_OID, UNKNOWN_OID = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d63")


def _named(name: str, code: str, *names: str, more: tuple[x509.GeneralName, ...] = (), common_name: str = "") -> Row:
    leaf = replace(LEAF, names=names, more_names=more, common_name=common_name or LEAF.common_name)
    return of_leaf(name, code, leaf)


PURPOSES = (
    of_leaf("no purposes", "EN-TLS-PURPOSE", replace(LEAF, usages=())),
    replace(
        of_leaf(
            "for servers only", "EN-TLS-PURPOSE", replace(LEAF, usages=(SERVER,)), replace(LEAF, usages=(CLIENT,))
        ),
        ways=(Way.IN,),
    ),
    replace(
        of_leaf(
            "for clients only", "EN-TLS-PURPOSE", replace(LEAF, usages=(CLIENT,)), replace(LEAF, usages=(SERVER,))
        ),
        ways=(Way.OUT,),
    ),
    of_leaf(
        "for any purpose, and none by name",
        "EN-TLS-PURPOSE",
        replace(LEAF, usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
        replace(LEAF, usages=(SERVER, CLIENT, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)),
    ),
    of_leaf("for signing mail", "EN-TLS-PURPOSE", replace(LEAF, usages=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))),
    of_issuer(
        "issuer for mail only",
        "EN-TLS-PURPOSE",
        replace(ISSUER, usages=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)),
        replace(ISSUER, usages=(SERVER, CLIENT)),
    ),
    *(
        replace(
            of_leaf(f"key for {use} only", "EN-TLS-KEY-USAGE", replace(LEAF, key_usage=(use,))), is_no_server=True
        )
        for use in ("key_encipherment", "content_commitment", "crl_sign", "key_cert_sign")
    ),
)

NAMES = (
    _named("another name", "EN-TLS-NAME", "other.example"),
    _named("a name below", "EN-TLS-NAME", f"a.{NAME}"),
    _named("the name above", "EN-TLS-NAME", "example"),
    _named("the name with more behind it", "EN-TLS-NAME", f"{NAME}.attacker.org"),
    _named("the name with more before it", "EN-TLS-NAME", f"not{NAME}"),
    _named("a wildcard", "EN-TLS-NAME", "*.example"),
    _named("a wildcard in part of a label", "EN-TLS-NAME", "l*p.example"),
    _named("a wildcard for everything", "EN-TLS-NAME", "*"),
    _named("the name with a dot behind it", "EN-TLS-NAME", f"{NAME}."),
    _named("the name with a space behind it", "EN-TLS-NAME", f"{NAME} "),
    _named("the name with a NUL and more behind it", "EN-TLS-UNREADABLE", f"{NAME}\0.attacker.org"),
    _named("the name with a line end", "EN-TLS-UNREADABLE", f"{NAME}\n"),
    _named("a name that looks like it, in Punycode", "EN-TLS-NAME", "xn--sp-0mc.example"),
    _named("no name but the common name", "EN-TLS-NAME", common_name=NAME),
    _named("another name, and it as common name", "EN-TLS-NAME", "other.example", common_name=NAME),
    _named("it as address of a page", "EN-TLS-NAME", more=(x509.UniformResourceIdentifier(f"https://{NAME}/"),)),
    _named("it as address of mail", "EN-TLS-NAME", more=(x509.RFC822Name(f"lsp@{NAME}"),)),
    _named("an IP address", "EN-TLS-NAME", more=(x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)),
    of_leaf(
        "a name that looks like it, in another script",
        "EN-TLS-UNREADABLE",
        replace(LEAF, names=(), extra=((SAN, False, der(0x30, der(0x82, "ⅼsp.example".encode()))),)),
        replace(LEAF, names=(), extra=((SAN, False, der(0x30, der(0x82, NAME.encode()))),)),
    ),
    replace(
        of_leaf(
            "two lists of names",
            "EN-TLS-UNREADABLE",
            replace(LEAF, extra=((UNKNOWN, False, OTHER_NAMES),), patches=((UNKNOWN_OID, SAN_OID),)),
            replace(LEAF, extra=((UNKNOWN, False, OTHER_NAMES),)),
        ),
        is_no_server=True,
    ),
    replace(
        of_leaf(
            "a list of names that breaks off",
            "EN-TLS-UNREADABLE",
            replace(LEAF, names=(), extra=((SAN, False, b"\x30\x20\x82\x0b" + NAME.encode()),)),
            replace(LEAF, names=(), extra=((SAN, False, der(0x30, der(0x82, NAME.encode()))),)),
        ),
        is_no_server=True,
    ),
)

PARTIES = (
    Row(
        name="an issuer that is not allowed",
        code="EN-TLS-ISSUER",
        bad=GOOD,
        bad_site=Site(issuers=("Een andere CA",)),
    ),
    Row(
        name="an issuer in other letters",
        code="EN-TLS-ISSUER",
        bad=GOOD,
        bad_site=Site(issuers=(ISSUER.name.lower(),)),
    ),
    Row(
        name="the issuer of its issuer",
        code="EN-TLS-ISSUER",
        bad=GOOD,
        bad_site=Site(issuers=(SERVICES.name,)),
        site=Site(issuers=(f"CN={ISSUER.name}",)),
    ),
    of_leaf("another organisation", "EN-TLS-ORGANISATION", replace(LEAF, organisation=("Een ander B.V.",))),
    of_leaf("no organisation", "EN-TLS-ORGANISATION", replace(LEAF, organisation=())),
    of_leaf("two organisations", "EN-TLS-ORGANISATION", replace(LEAF, organisation=("Een ander B.V.", OPERATOR))),
    of_leaf("the organisation with a space", "EN-TLS-ORGANISATION", replace(LEAF, organisation=(f"{OPERATOR} ",))),
)

SIZES = (
    of_leaf(
        "1,500 names",
        "EN-TLS-TOO-LARGE",
        replace(LEAF, names=(NAME, *(f"n{number}.example" for number in range(1500)))),
        replace(LEAF, names=(NAME, *(f"n{number}.example" for number in range(200)))),
    ),
    of_leaf(
        "300 names",
        "EN-TLS-TOO-LARGE",
        replace(LEAF, names=(NAME, *(f"n{number}.example" for number in range(300)))),
        replace(LEAF, names=(NAME, *(f"n{number}.example" for number in range(200)))),
    ),
    of_issuer(
        "1,500 names its CA may not give",
        "EN-TLS-TOO-LARGE",
        replace(ISSUER, excluded=tuple(f"n{number}.org" for number in range(1500))),
        replace(ISSUER, excluded=tuple(f"n{number}.org" for number in range(20))),
    ),
    of_leaf(
        "a comment of 20,000 letters",
        "EN-TLS-TOO-LARGE",
        replace(LEAF, extra=((COMMENT, False, der(0x16, b"x" * 20_000)),)),
        replace(LEAF, extra=((COMMENT, False, der(0x16, b"x" * 2_000)),)),
    ),
    of_leaf(
        "a comment of 200,000 letters",
        "EN-TLS-TOO-LARGE",
        replace(LEAF, extra=((COMMENT, False, der(0x16, b"x" * 200_000)),)),
        replace(LEAF, extra=((COMMENT, False, der(0x16, b"x" * 2_000)),)),
    ),
)

NAMED_ROWS = (*PURPOSES, *NAMES, *PARTIES, *SIZES)
