"""The simulated switchboard: what it does with each message that a node sends.

Knows: registers, routes, legs and batches, one-time tokens, faults, its ledger.
Must not know: HTTP, TLS, processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography import x509
from twisted.internet.defer import Deferred, ensureDeferred, gatherResults

from edge_node.model.identifiers import InvalidIdentifier
from edge_node.model.interaction import Pattern
from edge_node.sandbox.application import Application
from edge_node.sandbox.batch import Leg, belongs, bundle, leg_kinds, make_leg
from edge_node.sandbox.conditional import complaint
from edge_node.sandbox.exchange import Asked, Reply, outcome_of
from edge_node.sandbox.faults import LOSES_ANSWER, Fault, Faults
from edge_node.sandbox.http import Told, Unreached
from edge_node.sandbox.ledger import Ledger, role_of
from edge_node.sandbox.ledgers import POSITIVE
from edge_node.sandbox.reading import Seen, Unreadable, custodian, read, without_zim_header
from edge_node.sandbox.registers import Looked, Registers
from edge_node.sandbox.samples.kinds import BY_INTERACTION, CONTEXT_DATA
from edge_node.sandbox.samples.making import Maker, Sample, Verdict
from edge_node.sandbox.samples.table import table
from edge_node.sandbox.spoiling import spoil

REMOVALS = frozenset({"MFMT_IN002303NL", "MFMT_IN002103"})


class Onward(Protocol):
    """The way to the applications behind nodes."""

    def __contains__(self, application: str) -> bool: ...

    async def post(
        self, application: str, *, path: str, soap_action: str, body: bytes, bad: str | None = None
    ) -> Told:
        """Send to the node of an application; raises `Unreached`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the switchboard works with."""

    maker: Maker
    ledger: Ledger
    onward: Onward
    guests: Mapping[str, Application]  # applications simulated here, behind no node
    now: Callable[[], float]
    wait: Callable[[float], Deferred[None]]
    hold_s: float = 2.0
    card_anchors: tuple[x509.Certificate, ...] = ()  # the CAs of what may sign tokens


class Switchboard:
    """Routes, asks sources, keeps the index, and fails when told to."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._maker = means.maker
        self.faults = Faults()
        self.registers = Registers()
        self._held: dict[str, list[Deferred[None]]] = {}

    async def handle(self, asked: Asked) -> Reply:
        """Answer one request."""
        arrived = self._means.now()
        try:
            seen = read(asked.body)
        except (Unreadable, InvalidIdentifier) as error:
            return Reply(status=500, body=self._maker.fault("Client", "SYN", str(error)))
        fault = self.faults.pick(seen.interaction, seen.id.extension)
        if fault is Fault.RESET_BEFORE:
            return Reply(status=200, body=b"", manner=fault)
        if fault is Fault.FAULT:
            return Reply(status=500, body=self._maker.fault("Server", "ERR_ALG", "fault asked for"))
        answer = self._refused(seen, fault) or await self._process(seen, asked, fault)
        outcome = outcome_of(answer)
        self._means.ledger.message(
            "received", "out", seen, asked.body, outcome=outcome, arrived=arrived, answer_lost=fault in LOSES_ANSWER
        )
        self._log(seen, outcome)
        return Reply(status=200, body=spoil(answer, fault), manner=fault)

    async def originate(self, sample: Sample) -> Reply:
        """Send a message of the switchboard's own, or of a guest, to an application behind a node."""
        seen = read(sample.body)
        asked = Asked(
            path=sample.kind.service.removesuffix("Batch"), soap_action=sample.kind.soap_action, body=sample.body
        )
        fault = self.faults.pick(seen.interaction, seen.id.extension)
        reply = Reply(status=200, body=await self._forward(seen, asked, fault), manner=fault)
        if reply.outcome not in POSITIVE:
            # Its sender is told and does not try again, so it is not lost.
            self._means.ledger.message("refused", "in", seen, sample.body, outcome=reply.outcome)
        return reply

    def _refused(self, seen: Seen, fault: Fault | None) -> bytes | None:
        kind = BY_INTERACTION.get(seen.interaction)
        if fault is Fault.RTEDEST:
            return self._refuse(seen, "RTEDEST", "fault asked for")
        if fault is Fault.TOKEN_USED:
            return self._refuse(seen, "NONCEREJECTED", "fault asked for")
        if kind is not None and kind.token and seen.token is None:
            return self._refuse(seen, "AUTHENTICATIE", "this interaction needs a transaction token")
        now = datetime.fromtimestamp(self._means.now(), UTC)
        wrong = complaint(seen.element.getroottree().getroot(), self._means.card_anchors, now)
        if wrong is not None:
            return self._refuse(seen, "AUTHENTICATIE", wrong)
        if seen.token is not None and not self.registers.use_token(seen.token):
            return self._refuse(seen, "NONCEREJECTED", "this assertion was used before")
        return None

    async def _process(self, seen: Seen, asked: Asked, fault: Fault | None) -> bytes:
        if seen.receiver != self._maker.zim:
            return await self._forward(seen, asked, fault)
        if seen.interaction.startswith("MFMT_"):
            return self._keep_index(seen)
        if seen.modality == "B":
            return await self._ask_sources(seen, asked)
        return self._own_answer(seen)

    def _own_answer(self, seen: Seen) -> bytes:
        """Answer what is asked of the switchboard itself: ping, tick, access log."""
        kind = BY_INTERACTION.get(seen.interaction)
        if kind is None or not kind.register:
            return self._refuse(seen, "RTUDESTZIM", "the switchboard does not take this itself")
        if kind.answer is None:
            return self._maker.accept(seen, Verdict(type_code="CA"))
        patient = next((one for guest in self._means.guests.values() if (one := guest.known(seen))), None)
        is_log = kind.name == "access-log-query"
        log = self.registers.log_of(seen.patient or "") if is_log else ()
        is_found = patient is not None or BY_INTERACTION[kind.answer].template == "providers"
        quantity = 1 if is_found and (log or not is_log) else 0
        return self._maker.answer(kind.answer, seen, patient, Verdict(type_code="AA", quantity=quantity), log=log)

    def _keep_index(self, seen: Seen) -> bytes:
        data, application = custodian(seen.element)
        if data is None or seen.patient is None or application != seen.sender:
            return self._refuse(seen, "INVALIDEGSOORT", "kind of data, patient or custodian is missing or foreign")
        if seen.interaction in REMOVALS:
            if not self.registers.remove(seen.patient, data, application):
                return self._refuse(seen, "KEY204", "was not registered")
        else:
            self.registers.register(seen.patient, data, application)
        answer = BY_INTERACTION[seen.interaction].answer
        if answer is None:
            return self._maker.accept(seen, Verdict(type_code="CA"))
        return self._maker.answer(answer, seen, None, Verdict(type_code="AA"))

    async def _ask_sources(self, seen: Seen, asked: Asked) -> bytes:
        kinds = leg_kinds(seen, asked.path.removesuffix("Batch"))
        if not kinds:
            return self._refuse(seen, "NOCONTEXT", "this context is not known")
        known = BY_INTERACTION.get(seen.interaction)
        data = (known.data if known else None) if seen.context is None else CONTEXT_DATA[seen.context]
        sources = self.registers.sources(seen.patient or "", data or "")
        legs = [make_leg(self._maker, seen, kind, source) for source in sources for kind in kinds]
        answers = await gatherResults([ensureDeferred(self._ask(leg, seen)) for leg in legs])
        if not answers:
            answers = [self._entry(seen, kinds[0].answer, Verdict(type_code="AA"))]
        return bundle(self._maker, seen, answers)

    async def _ask(self, leg: Leg, question: Seen) -> bytes:
        seen = read(leg.body)
        self._means.ledger.message("sent", "in", seen, leg.body)
        try:
            answer = await self._deliver(leg.source, leg.path, leg.soap_action, leg.body)
        except Unreached as error:
            self._note_answered(leg, str(error))
            return self._entry(
                question, leg.kind.answer, _error("RTEDEST", f"application {leg.source} is not reached")
            )
        if not belongs(leg, question, answer):
            self._note_answered(leg, "INVALIDEANTW")
            return self._entry(question, leg.kind.answer, _error("INVALIDEANTW", f"application {leg.source}"))
        self._note_answered(leg, outcome_of(answer))
        return answer

    def _note_answered(self, leg: Leg, outcome: str) -> None:
        """Its asker sees a batch that says yes, whatever one source said: a no stands in this ledger only."""
        event = "answered" if outcome in POSITIVE else "failed"
        self._means.ledger.message(event, "in", read(leg.body), leg.body, outcome=outcome)

    async def _forward(self, seen: Seen, asked: Asked, fault: Fault | None) -> bytes:
        if seen.receiver not in self._means.onward and seen.receiver not in self._means.guests:
            return self._refuse(seen, "RTUDEST", "the receiver is not known")
        if fault is Fault.OUT_OF_ORDER:
            await self._hold(seen.receiver)
        try:
            answer = await self._hand_over(seen, asked, fault)
        except Unreached:
            return self._refuse(seen, "RTEDEST", "the receiver is not reached")
        if fault is Fault.DUPLICATE:
            await self._hand_over(seen, asked, None)
        self._let_go(seen.receiver)
        return answer

    async def _hand_over(self, seen: Seen, asked: Asked, fault: Fault | None) -> bytes:
        body = without_zim_header(asked.body)
        bad = "bad/expired" if fault is Fault.EXPIRED_CERTIFICATE else None
        if seen.receiver in self._means.onward:
            self._means.ledger.message("sent", "in", seen, body)
        answer = await self._deliver(seen.receiver, asked.path, asked.soap_action, body, bad=bad)
        if seen.receiver in self._means.onward:
            self._means.ledger.message("answered", "in", seen, body, outcome=outcome_of(answer))
        return answer

    async def _deliver(self, to: str, path: str, soap_action: str, body: bytes, *, bad: str | None = None) -> bytes:
        guest = self._means.guests.get(to)
        if guest is not None:
            return guest.answer(read(body))
        told = await self._means.onward.post(to, path=path, soap_action=soap_action, body=body, bad=bad)
        if told.status != 200:
            raise Unreached(told.headers.get("edge-node-error") or f"HTTP {told.status}")
        return told.body

    async def _hold(self, receiver: str) -> None:
        """Wait until the next message for this receiver has passed, or for a while."""
        released: Deferred[None] = Deferred()
        self._held.setdefault(receiver, []).append(released)
        limit = self._means.wait(self._means.hold_s)
        limit.addCallback(lambda _: self._let_go(receiver))
        await released
        limit.addErrback(lambda _: None)
        limit.cancel()

    def _let_go(self, receiver: str) -> None:
        for released in self._held.pop(receiver, []):
            released.callback(None)

    def _entry(self, question: Seen, interaction: str | None, verdict: Verdict) -> bytes:
        return self._maker.answer(interaction or "QUQI_IN000002UV", question, None, verdict)

    def _refuse(self, seen: Seen, code: str, text: str) -> bytes:
        """Say no in the form this request expects."""
        kind = BY_INTERACTION.get(seen.interaction)
        row = table().get(seen.interaction)
        if row is not None and row.pattern is Pattern.PUSH and row.accept_ack == "NE":
            return self._maker.answer(str(row.refusal), seen, None, _error(code, text))
        if seen.modality == "B":
            return self._maker.batch(seen, _error(code, text), 0)
        if role_of(seen) == "query" and kind is not None and kind.answer is not None:
            return self._maker.answer(kind.answer, seen, None, _error(code, text))
        return self._maker.accept(seen, Verdict(type_code="CE", code=code, text=text, in_act=False))

    def _log(self, seen: Seen, outcome: str) -> None:
        if seen.patient is not None:
            moment = self._maker.moment
            looked = Looked(moment=moment, interaction=seen.interaction, sender=seen.sender, outcome=outcome)
            self.registers.look(seen.patient, looked)


def _error(code: str, text: str) -> Verdict:
    return Verdict(type_code="AE", code=code, text=text)
