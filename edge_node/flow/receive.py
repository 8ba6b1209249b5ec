"""A request arrives: it is read, judged, and goes the way its interaction goes.

Knows: the order of the line, and which exchange goes which way (the table of design section 1).
Must not know: sockets, formats, the store's tables, what a refusal looks like on the wire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import Refused, StoreUnavailable, Unavailable
from edge_node.flow.capabilities import CAPABILITIES, Capabilities
from edge_node.flow.gatekeeper import Gatekeeper, waits_for
from edge_node.flow.handover import Handed, Handover
from edge_node.flow.link import Link, Waits
from edge_node.flow.ports import Keeper, Watch
from edge_node.flow.recording import record_first
from edge_node.flow.records import of_unread
from edge_node.flow.relay import Asking, Relay
from edge_node.flow.speech import Asked, Facts, Speech, Understood
from edge_node.flow.takeover import Taken, Takeover
from edge_node.flow.tick import TICK, Ticker
from edge_node.flow.waiting import unbroken
from edge_node.model.exchange import Arrival, Outgoing, Reply
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Inbound, Interaction, Pattern
from edge_node.model.keeping import Push
from edge_node.model.message import Direction, Format
from edge_node.model.record import LogRecord
from edge_node.model.record_ends import refused
from edge_node.model.site import Site

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Where a request can go."""

    relay: Relay
    handover: Handover
    takeover: Takeover
    ticker: Ticker
    capabilities: Capabilities
    link_to: Callable[[ApplicationId, Format], Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the line works with, the same in both directions."""

    keeper: Keeper
    speeches: Mapping[Format, Speech]
    clock: IReactorTime
    watch: Watch
    has_room: Callable[[], bool]  # for a push
    can_record: Callable[[], bool]  # a query, at least
    gatekeeper: Gatekeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A request that may go on."""

    understood: Understood
    row: Interaction
    asked: Asked
    sender: ApplicationId
    receiver: ApplicationId
    correlation: str

    @property
    def facts(self) -> Facts:
        return self.understood.facts


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
    request_id: str = ""


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
            request_id=handled.request_id,
            patient=handled.patient,
            author=handled.author,
            outcome=handled.outcome,
            detail=handled.reply.why,
            status=handled.reply.status,
            correlation=arrival.correlation,
            took_ms=round(took_s * 1000, 1),
        )
        return handled.reply

    async def _receive(self, arrival: Arrival) -> _Handled:
        speech = self._desk.speeches[arrival.payload.format]
        try:
            understood = await speech.understand(arrival, self._site())
        except Refused as error:
            await self._record(of_unread(arrival, self._site(), error.code))
            return _Handled(reply=speech.unread(arrival, error), outcome=error.code)
        try:
            reply, outcome = await self._judged(understood, arrival)
        except Unavailable as error:  # the store cannot record, or the node is stopping
            reply, outcome = understood.voice.unavailable(error), error.code
        facts = understood.facts
        return _Handled(
            reply=reply,
            outcome=outcome,
            kind=str(facts.row.pattern) if facts.row else "unknown",
            interaction=facts.interaction,
            message_id=facts.message_id.shown,
            patient="found" if facts.patients.found else "not found",
            author=facts.author,
            request_id=facts.request_id,
        )

    async def _judged(self, understood: Understood, arrival: Arrival) -> tuple[Reply, str]:
        facts, findings = understood.facts, understood.findings
        asked, sender, receiver = understood.asked, facts.sender, facts.receiver
        if findings or facts.row is None or asked is None or sender is None or receiver is None:
            await self._record(refused(facts.log, findings[0].code))
            return understood.voice.refused(findings), findings[0].code
        judged = _Judged(
            understood=understood,
            row=facts.row,
            asked=asked,
            sender=sender,
            receiver=receiver,
            correlation=arrival.correlation,
        )
        stopped = self._stopped(facts)
        if stopped is not None and not waits_for(facts):
            raise await self._turned_away(facts, stopped)
        reply = await self._go(judged)
        return reply, _outcome(reply)

    def _stopped(self, facts: Facts) -> Unavailable | None:
        """Why a check holds it up; a tick asks only whether the line works."""
        return None if facts.interaction == TICK else self._desk.gatekeeper.of_request(facts)

    async def _go(self, judged: _Judged) -> Reply:
        """Every row of the table in design section 1."""
        if str(judged.row.id) == TICK:
            return await self._ways.ticker.answer(judged.understood)
        if str(judged.row.id) == CAPABILITIES and self._direction is Direction.IN:
            return await self._ways.capabilities.answer(self._asking(judged))
        if not self._desk.can_record():
            raise StoreUnavailable("the disk is full, and so is the reserve of the access log", code="EN-STORE-FULL")
        if judged.row.pattern is Pattern.QUERY:
            return await self._ways.relay.ask(self._asking(judged))
        # A push goes on when its sender hangs up: it may be kept, or on its way.
        return await unbroken(self._push(judged), _unseen)

    async def _push(self, judged: _Judged) -> Reply:
        # Below the reserve only queries go on: their records are small and must still fit.
        if not self._desk.has_room():
            full = StoreUnavailable("the disk is below its reserve", code="EN-STORE-FULL")
            raise await self._turned_away(judged.facts, full)
        if self._is_kept(judged):
            return await self._take(judged)
        return await self._ways.handover.pass_on(Handed(asking=self._asking(judged), push=_push(judged)))

    def _is_kept(self, judged: _Judged) -> bool:
        if self._direction is Direction.IN:
            return judged.row.inbound is Inbound.KEEP
        return judged.facts.may_keep

    async def _take(self, judged: _Judged) -> Reply:
        link = self._ways.link_to(judged.receiver, judged.facts.payload.format)
        taken = Taken(
            voice=judged.understood.voice,
            asked=judged.asked,
            push=_push(judged),
            wait_s=judged.facts.site.timing.push_wait_s,
            link_is_up=not link.breaker.is_open and self._stopped(judged.facts) is None,
        )
        if self._direction is Direction.IN:
            return await self._ways.takeover.take_in(taken)
        return await self._ways.takeover.take_out(taken)

    def _asking(self, judged: _Judged) -> Asking:
        facts = judged.facts
        return Asking(
            voice=judged.understood.voice,
            asked=judged.asked,
            outgoing=Outgoing(
                direction=self._direction,
                sender=judged.sender,
                receiver=judged.receiver,
                payload=facts.payload,
                correlation=judged.correlation,
                wanted=judged.asked.wanted,
            ),
            link=self._ways.link_to(judged.receiver, facts.payload.format),
            waits=self._waits(facts.site, judged.row),
            record=facts.log,
        )

    def _waits(self, site: Site, row: Interaction) -> Waits:
        timing = site.timing
        if self._direction is Direction.IN:
            timeout_s = timing.query_in_s
        elif row.pattern is Pattern.QUERY:
            timeout_s = timing.query_out_s
        else:
            timeout_s = timing.push_wait_s
        return Waits(timeout_s=timeout_s, connect_s=timing.connect_s)

    async def _turned_away(self, facts: Facts, error: Unavailable) -> Unavailable:
        await self._record(refused(facts.log, error.code))
        return error

    async def _record(self, record: LogRecord) -> None:
        """A refused message is in the access log too, before anybody hears of it."""
        await record_first(self._desk.keeper, record, self._desk.clock)


def _unseen(failure: Failure) -> None:
    log.error("push.failed", error=type(failure.value).__name__)


def _outcome(reply: Reply) -> str:
    """The word under which a reply is counted."""
    said = dict(reply.headers)
    return said.get("edge-node-error") or said.get("edge-node-state") or "answered"


def _push(judged: _Judged) -> Push:
    facts, row = judged.facts, judged.row
    return Push(
        direction=facts.direction,
        message_id=facts.message_id,
        interaction=row.id,
        sender=judged.sender,
        receiver=judged.receiver,
        order=facts.order,
        patient=facts.patients.one,
        digest=facts.digest,
        payload=facts.payload,
        priority=row.priority,
        # A push in that was answered CA never expires (design section 3).
        lifetime_s=None if facts.direction is Direction.IN else row.lifetime_s,
        correlation=judged.correlation,
        token=facts.token,
        token_uses=facts.token_uses,
        duplicates=row.duplicates,
        supersedes=facts.supersedes,
        is_repeatable=facts.is_repeatable,
        log=facts.log,
    )
