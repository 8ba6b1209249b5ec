"""One way of spoiling a message, and what becomes of it.

Knows: how bytes are changed in a sample, and that what was to be changed must be there.
Must not know: any attack.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from edge_node.sandbox.samples.making import Sample
from tests.stories.moves import ANNA, AT_PRACTICE

Spoil = Callable[[bytes], bytes]

#: It stands in the payload of every case: it must come back in no answer and no log line.
CANARY = b"kanarie-7331"
BSN = ANNA.bsn
MESSAGE = b"<REPC_IN990003NL xmlns="


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A spoilt message. `code` None: it is harmless, and arrives as it was sent."""

    family: str
    name: str
    spoil: Spoil
    code: str | None
    is_read: bool  # the reader takes it, and a rule on the message refuses it if it is refused
    headers: Mapping[str, str] = field(default_factory=dict)
    soap_action: str | None = None

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


class Family:
    """Gathers the cases of one kind of attack."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[Case] = []

    def refused(self, code: str, name: str, spoil: Spoil, **headers: str) -> None:
        """The reader, or the door before it, refuses it."""
        self._add(Case(family=self.name, name=name, spoil=spoil, code=code, is_read=bool(headers), headers=headers))

    def refused_by_rule(self, code: str, name: str, spoil: Spoil, soap_action: str | None = None) -> None:
        """It is read as the whole tree has it, and what it says is refused."""
        self._add(Case(family=self.name, name=name, spoil=spoil, code=code, is_read=True, soap_action=soap_action))

    def harmless(self, name: str, spoil: Spoil) -> None:
        """It is read as the whole tree has it, and arrives byte for byte."""
        self._add(Case(family=self.name, name=name, spoil=spoil, code=None, is_read=True))

    def each_refused(self, code: str, spoils: Iterable[tuple[str, Spoil]]) -> None:
        """The same for several."""
        for name, spoil in spoils:
            self.refused(code, name, spoil)

    def _add(self, case: Case) -> None:
        assert case.name not in {known.name for known in self.cases}, case.name
        self.cases.append(case)


def report() -> Sample:
    """A locum report with a token."""
    return AT_PRACTICE.request("locum-report", receiver="80000003", patient=ANNA)


def sample() -> bytes:
    """The same as bytes, its canary in the payload."""
    return marked(report())


def marked(sample: Sample) -> bytes:
    """With the canary in its payload."""
    return sample.body.replace(b"<text>", b"<text>" + CANARY, 1)


# What is done to the bytes


def same(body: bytes) -> bytes:
    """Nothing is changed."""
    return body


def put(old: str | bytes, new: str | bytes) -> Spoil:
    """Put something in the place of the first `old`."""
    before, after = _bytes(old), _bytes(new)

    def spoil(body: bytes) -> bytes:
        assert before in body, before
        return body.replace(before, after, 1)

    return spoil


def first(text: str | bytes) -> Spoil:
    """In place of the XML declaration."""
    return lambda body: _bytes(text) + body.partition(b"?>\n")[2]


def last(text: str | bytes) -> Spoil:
    """Behind everything."""
    return lambda body: body + _bytes(text)


def in_header(text: str) -> Spoil:
    """As the last block of the SOAP header."""
    return put("</soap:Header>", f"{text}</soap:Header>")


def in_body(text: str) -> Spoil:
    """Behind the message, in the Body."""
    return put("</soap:Body>", f"{text}</soap:Body>")


def in_wrapper(text: str) -> Spoil:
    """Before the attention line."""
    return put("<attentionLine>", f"{text}<attentionLine>")


def in_payload(text: str) -> Spoil:
    """As the last part of the payload."""
    return put("</PrimaryCareProvision>", f"{text}</PrimaryCareProvision>")


def on_envelope(text: str) -> Spoil:
    """Among the attributes of the Envelope."""
    return put("<soap:Envelope ", f"<soap:Envelope {text} ")


def on_message(text: str) -> Spoil:
    """Among the attributes of the message."""
    return put(MESSAGE, MESSAGE.replace(b" xmlns", f" {text} xmlns".encode()))


def in_id(text: str) -> Spoil:
    """As the extension of the message id, in the message and in its token."""
    mark = b'Name="messageIdExt"'

    def spoil(body: bytes) -> bytes:
        at = body.index(b"<saml:AttributeValue>", body.index(mark)) + len(b"<saml:AttributeValue>")
        signed = body[:at] + text.encode() + body[body.index(b"</", at) :]
        return _in_attribute(b"<id extension=", text)(signed)

    return spoil


def in_value(text: str) -> Spoil:
    """In place of the patient number in the token, which is the only judged value that is a text."""
    return put(f"<saml:AttributeValue>{BSN}<", f"<saml:AttributeValue>{text}<")


def in_patient(text: str) -> Spoil:
    """As the patient number of the attention line."""
    return put(f'extension="{BSN}"', f'extension="{text}"')


def without(element: str) -> Spoil:
    """Without an empty element of the wrapper."""

    def spoil(body: bytes) -> bytes:
        at = body.index(MESSAGE)
        begin = body.index(f"<{element} ".encode(), at)
        return body[:begin] + body[body.index(b"/>", begin) + 2 :]

    return spoil


def doubled(element: str) -> Spoil:
    """With an element of the wrapper twice."""

    def spoil(body: bytes) -> bytes:
        at = body.index(MESSAGE)
        begin = body.index(f"<{element}".encode(), at)
        end = body.index(f"</{element}>".encode(), begin) + len(element) + 3
        return body[:end] + body[begin:end] + body[end:]

    return spoil


def doubled_empty(element: str) -> Spoil:
    """With an empty element of the wrapper twice."""

    def spoil(body: bytes) -> bytes:
        begin = body.index(f"<{element} ".encode(), body.index(MESSAGE))
        end = body.index(b"/>", begin) + 2
        return body[:end] + body[begin:end] + body[end:]

    return spoil


def then(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(body: bytes) -> bytes:
        for one in spoils:
            body = one(body)
        return body

    return spoil


def as_text(encoding: str) -> Spoil:
    """Written in another encoding, with nothing that says so."""
    return lambda body: body.partition(b"?>\n")[2].decode().encode(encoding, "replace")


def message_in(body: bytes) -> bytes:
    """The message element."""
    return body[body.index(MESSAGE) : body.index(b"</soap:Body>")]


def _in_attribute(before: bytes, text: str) -> Spoil:
    def spoil(body: bytes) -> bytes:
        begin = body.index(before, body.index(MESSAGE)) + len(before) + 1
        return body[:begin] + text.encode() + body[body.index(b'"', begin) :]

    return spoil


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
