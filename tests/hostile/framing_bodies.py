"""Bodies of which two programs would see two ends."""

from tests.hostile.framing import (
    BODY_BYTES,
    CHUNKED,
    FIRST,
    GOOD,
    HOST,
    Family,
    header,
    refused,
    served,
)

HIDDEN = b"POST /evil HTTP/1.1\r\nHost: evil\r\n\r\n"
LAST = b"0\r\n\r\n"


def length(value: bytes) -> bytes:
    """A request with that length, and four bytes."""
    return header(b"Content-Length:" + value, b"evil")


def coding(value: bytes) -> bytes:
    """A request with that transfer coding, and one chunk."""
    return header(b"Transfer-Encoding:" + value, b"4\r\nevil\r\n" + LAST)


FAMILIES: dict[str, Family] = {
    "length": {
        "of 400 digits": refused(length(b" " + b"9" * 400)),
        "of 400 noughts": refused(length(b" " + b"0" * 399 + b"4")),
        "of 17 digits": refused(length(b" " + b"0" * 16 + b"4")),
        "beyond 64 bits": refused(length(b" 18446744073709551620")),
        "with a plus": refused(length(b" +4")),
        "negative": refused(length(b" -4")),
        "hexadecimal": refused(length(b" 0x4")),
        "with a space in it": refused(length(b" 1 4")),
        "with a point": refused(length(b" 4.0")),
        "with an exponent": refused(length(b" 4e0")),
        "with an underscore": refused(length(b" 0_4")),
        "in other digits": refused(length(b" \xd9\xa4")),
        "in quotes": refused(length(b' "4"')),
        "of letters": refused(length(b" evil")),
        "empty": refused(length(b"")),
        "a list of two alike": refused(length(b" 4, 4")),
        "a list of two": refused(length(b" 4, 40")),
        "two alike": refused(length(b" 4\r\nContent-Length: 4")),
        "two": refused(length(b" 4\r\nContent-Length: 40")),
        "two, other case": refused(length(b" 4\r\ncontent-LENGTH: 40")),
        "with a coding": refused(length(b" 4\r\nTransfer-Encoding: chunked")),
        "with a coding before it": refused(
            header(b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"4\r\nevil\r\n" + LAST)
        ),
    },
    "coding": {
        "chunked is not the last": refused(coding(b" chunked, gzip")),
        "chunked twice": refused(coding(b" chunked, chunked")),
        "gzip": refused(coding(b" gzip")),
        "gzip, then chunked": refused(coding(b" gzip, chunked")),
        "identity": refused(coding(b" identity")),
        "unknown": refused(coding(b" xchunked")),
        "two headers": refused(coding(b" chunked\r\nTransfer-Encoding: identity")),
        "two headers alike": refused(coding(b" chunked\r\nTransfer-Encoding: chunked")),
        "empty": refused(coding(b"")),
        "in quotes": refused(coding(b' "chunked"')),
        "behind a comma": refused(coding(b" ,chunked")),
        "before a comma": refused(coding(b" chunked,")),
        "with a parameter": refused(coding(b" chunked;evil=1")),
        "before a tab": refused(coding(b" chunked\t")),
        "behind a vertical tab": refused(coding(b" \x0bchunked")),
        "before a hard space": refused(coding(b" chunked\xa0")),
        "behind a NUL": refused(coding(b" \x00chunked")),
        "with a space before the colon": refused(header(b"Transfer-Encoding : chunked", LAST)),
        "in HTTP/1.0": refused(b"POST /evil HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + LAST),
    },
    "chunk size": {
        "of 17 digits": refused(CHUNKED + b"0" * 16 + b"4\r\nevil\r\n" + LAST),
        "of 17 digits, no more": refused(CHUNKED + b"f" * 17),
        "of 16 digits, all f": refused(CHUNKED + b"f" * 16 + b"\r\nevil", status=413),
        "over the limit": refused(CHUNKED + b"%x\r\nevil" % (BODY_BYTES + 1), status=413),
        "negative": refused(CHUNKED + b"-4\r\nevil\r\n" + LAST),
        "with a plus": refused(CHUNKED + b"+4\r\nevil\r\n" + LAST),
        "with 0x": refused(CHUNKED + b"0x4\r\nevil\r\n" + LAST),
        "of letters": refused(CHUNKED + b"zz\r\nevil\r\n" + LAST),
        "digits, then a letter": refused(CHUNKED + b"4g\r\nevil\r\n" + LAST),
        "behind a space": refused(CHUNKED + b" 4\r\nevil\r\n" + LAST),
        "before a space": refused(CHUNKED + b"4 \r\nevil\r\n" + LAST),
        "with a space in it": refused(CHUNKED + b"0 4\r\nevil\r\n" + LAST),
        "with an underscore": refused(CHUNKED + b"0_4\r\nevil\r\n" + LAST),
        "none": refused(CHUNKED + b"\r\nevil\r\n" + LAST),
        "in other digits": refused(CHUNKED + b"\xd9\xa4\r\nevil\r\n" + LAST),
    },
    "chunk": {
        "longer than its size": refused(CHUNKED + b"2\r\nevil\r\n" + LAST),
        "shorter than its size": refused(CHUNKED + b"6\r\nevil\r\n" + LAST),
        "without an end": refused(CHUNKED + b"4\r\nevil" + LAST),
        "ended by a bare LF": refused(CHUNKED + b"4\r\nevil\n" + LAST),
        "ended by a bare CR": refused(CHUNKED + b"4\r\nevil\r" + LAST),
        "its size ended by a bare LF": refused(CHUNKED + b"4\nevil\r\n" + LAST),
        "its size ended by a bare CR": refused(CHUNKED + b"4\revil\r\n" + LAST),
        "the last ended by a bare LF": refused(CHUNKED + b"4\r\nevil\r\n0\n\r\n"),
        "the end ended by a bare LF": refused(CHUNKED + b"4\r\nevil\r\n0\r\n\n"),
        "one a byte": refused(CHUNKED + b"1\r\ne\r\n" * 5_000),
    },
    "extension": {
        "very long": refused(CHUNKED + b"4;" + b"evil" * 2_000),
        "on every chunk": refused(CHUNKED + b"4;evil=evil-evil-evil-evil-evil\r\nevil\r\n" * 1_000),
        "with a bare LF": refused(CHUNKED + b"4;evil\nevil\r\n" + LAST),
        "with a bare CR": refused(CHUNKED + b"4;e\rvil\r\nevil\r\n" + LAST),
        "with a NUL": refused(CHUNKED + b"4;e\x00vil\r\nevil\r\n" + LAST),
        "without a semicolon": refused(CHUNKED + b"4 evil\r\nevil\r\n" + LAST),
        "not ASCII": refused(CHUNKED + b"4;\xc3\xa9vil\r\nevil\r\n" + LAST),
        "short, which does no harm": served(CHUNKED + b"4;a=b\r\ngood\r\n" + LAST, statuses=(200,), times=1),
    },
    "trailer": {
        "one": refused(CHUNKED + b"0\r\nX: evil\r\n\r\n"),
        "a second Host": refused(CHUNKED + b"4\r\nevil\r\n0\r\nHost: evil\r\n\r\n"),
        "a length": refused(CHUNKED + b"0\r\nContent-Length: 4\r\n\r\nevil"),
        "a credential": refused(CHUNKED + b"0\r\nAuthorization: Bearer evil\r\n\r\n"),
        "announced": refused(header(b"Trailer: Evil\r\nTransfer-Encoding: chunked", LAST)),
        "announced, with a length": refused(header(b"Trailer: Evil\r\nContent-Length: 4", b"evil")),
        "that never ends": refused(CHUNKED + b"0\r\n" + b"evil" * 20_000),
    },
    "hidden request": {
        "behind CL and TE": refused(header(b"Content-Length: 6\r\nTransfer-Encoding: chunked", LAST + HIDDEN)),
        "behind TE and CL": refused(header(b"Transfer-Encoding: chunked\r\nContent-Length: 3", LAST + HIDDEN)),
        "behind two codings": refused(header(b"Transfer-Encoding: chunked\r\nTransfer-encoding: x", LAST + HIDDEN)),
        "behind a chunk of another length": refused(CHUNKED + b"1\r\n" + HIDDEN + LAST),
        "within an extension": refused(CHUNKED + b"4;\n" + HIDDEN + LAST),
        "behind a last chunk with a bare LF": refused(CHUNKED + b"0\n\n" + HIDDEN),
        "within trailers": refused(CHUNKED + b"0\r\n" + HIDDEN),
        "behind HTTP/1.0 with a coding": refused(
            b"POST /a HTTP/1.0\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST + HIDDEN
        ),
        "behind a head that asks to upgrade": refused(header(b"Upgrade: h2c\r\nContent-Length: 0", HIDDEN)),
        "behind a length with a plus": refused(header(b"Content-Length: +0", HIDDEN)),
        "behind a head ended by a bare LF": refused(FIRST + b"Host: node\n\n" + HIDDEN),
    },
    "pipelining": {
        "a bad one behind a good one": served(GOOD + b"EVIL / HTTP/1.1\r\n\r\n" + GOOD, statuses=(200, 501), times=1),
        "a good one behind a bad one": refused(header(b"Content-Length: evil") + GOOD),
        "a good one behind the last one": served(
            GOOD.replace(HOST, HOST + b"Connection: close\r\n") + GOOD, statuses=(200,), times=1
        ),
        "noise behind the last one": served(
            GOOD.replace(HOST, HOST + b"Connection: close\r\n") + b"evil", statuses=(200,), times=1
        ),
        "a good one behind HTTP/1.0": served(GOOD.replace(b"1.1", b"1.0") + GOOD, statuses=(200,), times=1),
        "a bad chunk behind a good one": served(GOOD + CHUNKED + b"evil", statuses=(200, 400), times=1),
        "a second Host behind a good one": served(
            GOOD + FIRST + HOST + b"Host: evil\r\n\r\n", statuses=(200, 400), times=1
        ),
        "two line ends between": served(GOOD + b"\r\n\r\n" + GOOD, statuses=(200, 400), times=1),
    },
    "oversize": {
        "announced": refused(header(b"Content-Length: %d" % (BODY_BYTES + 1), b"evil"), status=413),
        "announced, very large": refused(header(b"Content-Length: 9999999999999999", b"evil"), status=413),
        "announced, and sent": refused(header(b"Content-Length: 200000", b"evil" * 50_000), status=413),
        "announced by HTTP/1.0": refused(
            b"POST /evil HTTP/1.0\r\nHost: node\r\nContent-Length: 200000\r\n\r\nevil", status=413
        ),
        "in two chunks": refused(CHUNKED + (b"ffff\r\n" + b"evi" * 21_845 + b"\r\n") * 2 + LAST, status=413),
        "in many chunks": refused(CHUNKED + (b"fff\r\n" + b"evi" * 1_365 + b"\r\n") * 50 + LAST, status=413),
        "after 100-continue": served(
            header(b"Expect: 100-continue\r\nTransfer-Encoding: chunked"),
            b"fffff\r\nevil",
            statuses=(100, 413),
            times=0,
        ),
        "behind a good one": served(GOOD + header(b"Content-Length: 200000", b"evil"), statuses=(200, 413), times=1),
    },
}
