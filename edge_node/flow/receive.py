"""A request arrives: it is read, judged, and goes the way its interaction goes.

Knows: the order of the line, and which exchange goes which way (the table of design section 1).
Must not know: sockets, the store's tables, what a refusal looks like on the wire.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import Refused, StoreUnavailable, Unavailable
from edge_node.flow.answers import Answers
from edge_node.flow.handover import Handed, Handover
from edge_node.flow.link import Link, Waits
from edge_node.flow.ports import Keeper, Watch
from edge_node.flow.reading import Readers
from edge_node.flow.relay import Asking, Relay
from edge_node.flow.takeover import Taken, Takeover
from edge_node.flow.tick import TICK, Ticker
from edge_node.flow.waiting import start, unbroken
from edge_node.model.exchange import Arrival, Outgoing, Reply
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Catalogue, Inbound, Interaction, Pattern
from edge_node.model.keeping import Push, Record
from edge_node.model.message import Direction, Reading
from edge_node.model.site import Application, Site
from edge_node.policy.answer import Question
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge
from edge_node.policy.keeping import may_keep
from edge_node.policy.ordering import ordering

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Where a request can go."""

    relay: Relay
    handover: Handover
    takeover: Takeover
    ticker: Ticker
    link_to: Callable[[ApplicationId], Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the line works with, the same in both directions."""

    keeper: Keeper
    readers: Readers
    answers: Answers
    catalogue: Catalogue
    clock: IReactorTime
    watch: Watch
    has_room: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    case: Case
    row: Interaction
    application: Application
    arrival: Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handled:
    """How a request ended, as it is counted and logged."""

    reply: Reply
    outcome: str
    kind: str = "unread"
    interaction: str = ""
    message_id: str = ""
    patient: str = ""  # whether the message names one, never which
    author: str = ""  # what kind of author it names


class Receiver:
    """The line of one direction. `site` is asked for at each message: settings can change."""

    def __init__(self, direction: Direction, site: Callable[[], Site], desk: Desk, ways: Ways) -> None:
        self._direction = direction
        self._site = site
        self._desk = desk
        self._ways = ways

    async def receive(self, arrival: Arrival) -> Reply:
        """Return the reply to a request. Never raises for what a message or the world can do."""
        started_s = self._desk.clock.seconds()
        handled = await self._receive(arrival)
        took_s = self._desk.clock.seconds() - started_s
        self._desk.watch.handled(self._direction, handled.kind, handled.outcome, took_s)
        log.info(
            "message.handled",
            direction=str(self._direction),
            kind=handled.kind,
            interaction=handled.interaction,
            message_id=handled.message_id,
            patient=handled.patient,
            author=handled.author,
            outcome=handled.outcome,
            status=handled.reply.status,
            correlation=arrival.correlation,
            took_ms=round(took_s * 1000, 1),
        )
        return handled.reply

    async def _receive(self, arrival: Arrival) -> _Handled:
        try:
            reading = await self._desk.readers.read(arrival.payload.body)
        except Refused as error:
            return _Handled(reply=self._desk.answers.unread(error), outcome=error.code)
        case = self._case(arrival, reading)
        try:
            reply, outcome = await self._judged(case, arrival)
        except Unavailable as error:  # the store cannot record, or the node is stopping
            reply, outcome = self._desk.answers.unavailable(case, error), error.code
        return _Handled(
            reply=reply,
            outcome=outcome,
            kind=str(case.row.pattern) if case.row else "unknown",
            interaction=str(reading.wrapper.interaction),
            message_id=reading.wrapper.id.shown,
            patient="found" if reading.patients.found else "not found",
            # User rules bind outbound only: a device or nobody may well be the author of what comes in.
            author=reading.wrapper.author or "not supplied",
        )

    async def _judged(self, case: Case, arrival: Arrival) -> tuple[Reply, str]:
        findings = judge(case)
        if findings or case.row is None or case.application is None:
            self._record_refusal(case, arrival, findings[0].code)
            return self._desk.answers.refused(case, findings), findings[0].code
        reply = await self._go(_Judged(case=case, row=case.row, application=case.application, arrival=arrival))
        return reply, _outcome(reply)

    def _case(self, arrival: Arrival, reading: Reading) -> Case:
        return Case(
            direction=self._direction,
            reading=reading,
            path=arrival.payload.path,
            soap_action=arrival.payload.soap_action,
            row=self._desk.catalogue.get(str(reading.wrapper.interaction)),
            caller=arrival.caller,
            site=self._site(),
        )

    async def _go(self, judged: _Judged) -> Reply:
        """Every row of the table in design section 1."""
        if str(judged.row.id) == TICK:
            return await self._ways.ticker.answer(judged.case)
        if judged.row.pattern is Pattern.QUERY:
            return await self._ways.relay.ask(self._asking(judged, "query"))
        # A push goes on when its sender hangs up: it may be kept, or on its way.
        return await unbroken(self._push(judged), _unseen)

    async def _push(self, judged: _Judged) -> Reply:
        # Below the reserve only queries go on: their records are small and must still fit.
        if not self._desk.has_room():
            raise StoreUnavailable("the disk is below its reserve", code="EN-STORE-FULL")
        if self._is_kept(judged):
            return await self._take(judged)
        return await self._ways.handover.pass_on(
            Handed(asking=self._asking(judged, "push"), push=_push(judged, self._site()))
        )

    def _is_kept(self, judged: _Judged) -> bool:
        if self._direction is Direction.IN:
            return judged.row.inbound is Inbound.KEEP
        return may_keep(judged.row, judged.case.reading, judged.application)

    async def _take(self, judged: _Judged) -> Reply:
        link = self._ways.link_to(judged.case.reading.wrapper.receiver)
        taken = Taken(
            case=judged.case,
            push=_push(judged, self._site()),
            wait_s=self._site().timing.push_wait_s,
            link_is_up=not link.breaker.is_open,
        )
        if self._direction is Direction.IN:
            return await self._ways.takeover.take_in(taken)
        return await self._ways.takeover.take_out(taken)

    def _asking(self, judged: _Judged, event: str) -> Asking:
        wrapper = judged.case.reading.wrapper
        return Asking(
            case=judged.case,
            question=Question(
                row=judged.row,
                wrapper=wrapper,
                zim=self._site().zim,
                patient=judged.case.reading.patients.one,
            ),
            outgoing=Outgoing(
                direction=self._direction,
                sender=wrapper.sender,
                receiver=wrapper.receiver,
                payload=judged.arrival.payload,
                correlation=judged.arrival.correlation,
            ),
            link=self._ways.link_to(wrapper.receiver),
            waits=self._waits(judged.row),
            record=_record(judged.case, judged.arrival, event, "asked"),
        )

    def _waits(self, row: Interaction) -> Waits:
        timing = self._site().timing
        if self._direction is Direction.IN:
            timeout_s = timing.query_in_s
        elif row.pattern is Pattern.QUERY:
            timeout_s = timing.query_out_s
        else:
            timeout_s = timing.push_wait_s
        return Waits(timeout_s=timeout_s, connect_s=timing.connect_s)

    def _record_refusal(self, case: Case, arrival: Arrival, code: str) -> None:
        """A refused message is in the access log too; its answer does not wait for that."""
        record = _record(case, arrival, "refused", code)
        start(
            self._desk.keeper.record(record),
            lambda failure: log.error(
                "record.failed", error=type(failure.value).__name__, correlation=arrival.correlation
            ),
        )


def _unseen(failure: Failure) -> None:
    log.error("push.failed", error=type(failure.value).__name__)


def _outcome(reply: Reply) -> str:
    """The word under which a reply is counted."""
    said = dict(reply.headers)
    return said.get("edge-node-error") or said.get("edge-node-state") or "answered"


def _record(case: Case, arrival: Arrival, event: str, outcome: str) -> Record:
    wrapper = case.reading.wrapper
    return Record(
        direction=case.direction,
        event=event,
        interaction=str(wrapper.interaction),
        message_id=str(wrapper.id),
        sender=str(wrapper.sender),
        receiver=str(wrapper.receiver),
        outcome=outcome,
        correlation=arrival.correlation,
        patient=case.reading.patients.one,
    )


def _push(judged: _Judged, site: Site) -> Push:
    reading, row = judged.case.reading, judged.row
    wrapper = reading.wrapper
    kept_in = judged.case.direction is Direction.IN
    order = ordering(row, reading)
    return Push(
        direction=judged.case.direction,
        message_id=wrapper.id,
        interaction=wrapper.interaction,
        sender=wrapper.sender,
        receiver=wrapper.receiver,
        order=order,
        patient=reading.patients.one,
        digest=reading.digest,
        payload=judged.arrival.payload,
        priority=row.priority,
        # A push in that was answered CA never expires (design section 3).
        lifetime_s=None if kept_in else row.lifetime_s,
        correlation=judged.arrival.correlation,
        token=reading.token,
        duplicates=row.duplicates,
        supersedes=order if row.priority == 0 else None,
    )
