"""The reader of messages: bytes in pieces, then what routing, judging and correlating need of them.

Knows: the order of envelope, header, wrapper, control act and payload, and which part takes which element.
Must not know: which messages are allowed, who sent them, what the payload says.

Elements are told apart by namespace and name, never by prefix. The wrapper is known before the payload is read; in
the payload only the patient's own id is looked at.
"""

from collections.abc import Callable
from typing import Final

from edge_node.errors import Refused
from edge_node.formats import header
from edge_node.formats.digest import RangeDigest
from edge_node.formats.fault import FaultDraft, SoapFault
from edge_node.formats.hardened import PIECE_BYTES, HardenedParser, XmlLimits
from edge_node.formats.header import HeaderDraft
from edge_node.formats.marks import MARKS, Marks
from edge_node.formats.names import HL7, SOAP, local_name, shown
from edge_node.formats.patients import ATTENTION_LINE, QUERY, TOKEN, PatientDraft
from edge_node.formats.wrapper import BATCH, WrapperDraft
from edge_node.formats.wrapper_fields import FIELDS, TEXTS
from edge_node.model.identifiers import BSN_ROOT, DATA_DOMAINS, InteractionId, InvalidIdentifier
from edge_node.model.message import Patients, Reading, Wrapper

__all__ = ["MessageReader", "PatientAt", "SoapFault", "XmlLimits", "read_message"]

PatientAt = Callable[[str], tuple[str, ...]]
Attributes = dict[str, str]

_ENVELOPE, _HEADER, _BODY, _FAULT = (f"{SOAP} {name}" for name in ("Envelope", "Header", "Body", "Fault"))
_SOAP12: Final = "http://www.w3.org/2003/05/soap-envelope Envelope"
_NO_NAME: Final = "is not named as an interaction of the national programme"
_NO_HL7: Final = "the message element is not in the HL7v3 namespace"
_HL7: Final = f"{HL7} "
_HL7_ID: Final = f"{HL7} id"
_HL7_CODE: Final = f"{HL7} code"
#: Far more sources than any patient has; each answer is judged by every rule.
_MAX_ENCLOSED: Final = 500
_ACT: Final = "/ControlActProcess"
_SUBJECT: Final = f"{_ACT}/subject"
_QUERY: Final = f"{_ACT}/queryByParameter/"
_LINE_VALUE: Final = "/attentionLine/value"


class MessageReader:
    """Reads one body. `patient_at` gives the patient places of a message element by its name."""

    def __init__(self, *, limits: XmlLimits, patient_at: PatientAt) -> None:
        self._patient_at = patient_at
        self._parser = HardenedParser(limits, self._start_envelope, self._end_envelope)
        self._parser.refuse_instructions()
        self._marks = Marks()
        self._digest = RangeDigest()
        self._header = HeaderDraft()
        self._fault_draft: FaultDraft | None = None
        self._patients = PatientDraft()
        self._data_kinds: set[str] = set()
        self._in_soap = False
        self._names: list[str] = []  # of the envelope
        self._header_seen = self._body_seen = False
        self._message: WrapperDraft | None = None
        self._enclosed: list[WrapperDraft] = []
        self._draft = WrapperDraft("")  # of the message being read, enclosed or not
        self._places: tuple[str, ...] = ()
        self._base = 0  # depth of the present message, header block or fault
        self._paths: list[str] = []  # below it
        self._payload: list[str] = []  # names below the control act
        self._max_attributes, self._max_name, self._max_depth = limits.attributes, limits.name_chars, limits.depth
        self._max_payload = 0
        self._has_ended = False
        self.fault: SoapFault | None = None

    @property
    def wrapper(self) -> Wrapper | None:
        """The wrapper, as soon as its transmission part was read; the control act is added as it comes."""
        if self._message is None or not self._message.is_complete:
            return None
        return self._message.wrapper()

    @property
    def patients(self) -> Patients:
        """The patients named so far."""
        return self._patients.patients()

    @property
    def root_name(self) -> str | None:
        """The name of the message element, as soon as it was read."""
        return self._message.root_name if self._message is not None else None

    def feed(self, data: bytes) -> None:
        """Read the next bytes. Raises `Refused` when the body cannot be a message."""
        for at in range(0, len(data), PIECE_BYTES):
            piece = data[at : at + PIECE_BYTES]
            try:
                self._parser.feed(piece)
            except Refused:
                self._parser.release()
                raise
            self._digest.add(piece, self._parser.index)

    def end(self) -> None:
        """Say that the body ends here; a fault is one only when its end was read. Raises `Refused`."""
        if self._has_ended:
            return
        self._has_ended = True
        try:
            self._parser.close()
            # Newer expat may hold the last tokens back until it is told that nothing follows.
            self._digest.add(b"", self._parser.index)
        finally:
            self._parser.release()

    def close(self) -> Reading:
        """Say that the body ends here, and return what was read."""
        self.end()
        if self._message is None:
            what = "a SOAP fault, no message" if self.fault else "no message in the Body"
            raise Refused(what, code="EN-SOAP-ENVELOPE")
        return Reading(
            wrapper=self._message.wrapper(),
            patients=self._patients.patients(),
            digest=self._digest.digest(),
            tokens=tuple(self._header.tokens),
            in_soap=self._in_soap,
            enclosed=tuple(draft.wrapper() for draft in self._enclosed),
            data_kinds=frozenset(self._data_kinds - {""}),
        )

    # The envelope

    def _start_envelope(self, name: str, attributes: Attributes) -> None:
        self._parser.check_element(name, attributes)
        self._marks.take(attributes)
        names = self._names
        names.append(name)
        if len(names) == 1:
            if name == _ENVELOPE:
                self._in_soap = True
            else:
                self._begin_message(name)
        elif len(names) == 2:
            self._check_envelope_part(name)
        elif names[1] == _HEADER:
            self._begin_block(name, attributes)
        else:
            self._begin_body_part(name)

    def _end_envelope(self, _name: str) -> None:
        self._names.pop()

    def _check_envelope_part(self, name: str) -> None:
        if name == _BODY and not self._body_seen:
            self._body_seen = True
        elif name == _HEADER and not self._header_seen and not self._body_seen:
            self._header_seen = True
        else:
            raise Refused("the Envelope holds one Header at most, then one Body", code="EN-SOAP-ENVELOPE")

    def _begin_body_part(self, name: str) -> None:
        if self._message is not None or self._fault_draft is not None:
            raise Refused("the Body holds more than one message", code="EN-SOAP-ENVELOPE")
        if name == _FAULT:
            self._fault_draft = FaultDraft()
            self._base, self._paths = len(self._names), [""]
            self._parser.handle(self._start_fault, self._end_fault)
            self._parser.collect_text()
        else:
            self._begin_message(name)

    # A header block

    def _begin_block(self, name: str, attributes: Attributes) -> None:
        self._header.check_block(name, attributes)
        self._base, self._paths = len(self._names), [f"/{name}"]
        self._parser.handle(self._start_block, self._end_block)

    def _start_block(self, name: str, attributes: Attributes) -> None:
        self._header.check_value_is_whole(self._paths[-1])
        path = self._descend(name, attributes)
        self._marks.take(attributes)
        self._header.check_place(path, name)
        take = header.STARTS.get(path)
        if take is not None:
            take(self._header, attributes)
        elif self._header.reads(path):
            self._parser.collect_value()

    def _end_block(self, _name: str) -> None:
        path = self._paths.pop()
        if not self._paths:
            self._names.pop()
            self._parser.handle(self._start_envelope, self._end_envelope)
        elif self._header.reads(path):
            header.TEXTS[path](self._header, self._parser.take_text())
        elif path in header.ENDS:
            header.ENDS[path](self._header)

    # A fault

    def _start_fault(self, name: str, attributes: Attributes) -> None:
        self._take_fault_text()
        self._descend(name, attributes)

    def _end_fault(self, _name: str) -> None:
        self._take_fault_text()
        self._paths.pop()
        if not self._paths and self._fault_draft is not None:
            self.fault = self._fault_draft.fault()
            self._parser.take_text()
            self._names.pop()
            self._parser.handle(self._start_envelope, self._end_envelope)

    def _take_fault_text(self) -> None:
        if self._fault_draft is not None:
            self._fault_draft.take(self._paths[-1], self._parser.take_text())
        self._parser.collect_text()

    # A message: its wrapper and its control act

    def _begin_message(self, name: str) -> None:
        self._base = len(self._names)
        self._message = self._draft = self._open_draft(name)
        self._digest.begin(self._parser.index)
        if TOKEN in self._places:
            for number in self._header.bsns:
                self._patients.add(TOKEN, number)
        self._parser.handle(self._start_message, self._end_message)

    def _open_draft(self, name: str) -> WrapperDraft:
        root_name = local_name(name)
        if not name.startswith(_HL7):
            what = "the Envelope is SOAP 1.2: send SOAP 1.1" if name == _SOAP12 else _NO_HL7
            raise Refused(what, code="EN-SOAP-ENVELOPE")
        try:
            InteractionId(root_name)
        except InvalidIdentifier:
            raise Refused(f"{shown(root_name)} {_NO_NAME}", code="EN-INTERACTION-UNKNOWN") from None
        self._places = self._patient_at(root_name)
        self._paths = [""]
        return WrapperDraft(root_name)

    def _start_message(self, name: str, attributes: Attributes) -> None:
        # Names of the HL7 namespace stand alone in the table; one without a namespace is none of them.
        path = self._descend(name[len(_HL7) :] if name.startswith(_HL7) else f" {name}", attributes)
        self._marks.take(attributes)
        draft = self._draft
        take = FIELDS.get(path)
        if take is not None:
            take(draft, attributes)
        elif path in TEXTS:
            self._parser.collect_text()
        if path == _SUBJECT:
            self._payload = [name]
            self._max_payload = self._max_depth - self._base - len(self._paths) + 2
            self._parser.handle(self._start_payload, self._end_payload)
        elif path == _ACT:
            draft.complete()
        elif path == _LINE_VALUE:
            self._patients.add_id(ATTENTION_LINE, self._places, attributes)
        elif path.startswith(_QUERY):
            self._patients.add_id(QUERY, self._places, attributes)
        elif draft is self._message and len(self._paths) == 2 and draft.root_name == BATCH:
            self._begin_enclosed(name)

    def _begin_enclosed(self, name: str) -> None:
        if "_IN" in name and name.startswith(_HL7) and self._message is not None:
            self._message.complete()
            if len(self._enclosed) >= _MAX_ENCLOSED:
                raise Refused(f"more than {_MAX_ENCLOSED} answers in a batch", code="EN-XML-LIMIT")
            self._base += 1
            self._draft = self._open_draft(name)
            self._enclosed.append(self._draft)

    def _end_message(self, _name: str) -> None:
        path = self._paths.pop()
        if path in TEXTS:
            TEXTS[path](self._draft, self._parser.take_text())
        if self._paths:
            return
        self._draft.complete()
        if self._message is not None and self._draft is not self._message:
            self._base -= 1
            self._draft, self._paths = self._message, [""]
            return
        self._digest.end(self._parser.index)
        self._names.pop()
        self._parser.handle(self._start_envelope, self._end_envelope)

    def _descend(self, name: str, attributes: Attributes) -> str:
        self._parser.check_element(name, attributes)
        path = f"{self._paths[-1]}/{name}"
        self._paths.append(path)
        self._parser.check_depth(self._base + len(self._paths) - 1)
        return path

    # The payload: as little as possible for each element

    def _start_payload(self, name: str, attributes: Attributes) -> None:
        stack = self._payload
        stack.append(name)
        if len(stack) > self._max_payload or len(attributes) > self._max_attributes or len(name) > self._max_name:
            self._parser.check_element(name, attributes)
            self._parser.check_depth(self._base + len(self._paths) + len(stack) - 2)
        if attributes and not MARKS.isdisjoint(attributes):
            self._marks.take_in_payload(attributes)
        if name == _HL7_ID and attributes.get("root") == BSN_ROOT:
            self._patients.add_payload(stack, self._places, attributes)
        elif name == _HL7_CODE and attributes.get("codeSystem") == DATA_DOMAINS:
            self._data_kinds.add(attributes.get("code", ""))

    def _end_payload(self, _name: str) -> None:
        self._payload.pop()
        if not self._payload:
            self._paths.pop()
            self._parser.handle(self._start_message, self._end_message)


def read_message(body: bytes, *, limits: XmlLimits, patient_at: PatientAt) -> Reading:
    """Read a whole body."""
    reader = MessageReader(limits=limits, patient_at=patient_at)
    reader.feed(body)
    return reader.close()
