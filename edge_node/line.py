"""The line of a node: both directions, joined to the store and the doors.

Knows: which part gets which, how a new version of the settings takes the place of the old one.
Must not know: sockets, files, processes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime

from edge_node.flow.answers import Answers
from edge_node.flow.breaker import Breaker, BreakerPolicy
from edge_node.flow.capabilities import Capabilities
from edge_node.flow.deliver import Deliverer, DeliveryPolicy, Tools
from edge_node.flow.destinations import Closed, DestinationPolicy, Destinations
from edge_node.flow.fhir import FhirSpeech, Kept
from edge_node.flow.fhir_answers import FhirAnswers
from edge_node.flow.fhir_sending import FhirSending
from edge_node.flow.gatekeeper import Gatekeeper, WasEmergency, of_none
from edge_node.flow.handover import Handover
from edge_node.flow.link import Link, Waits
from edge_node.flow.places import Places
from edge_node.flow.ports import AccessTokens, BrokerDoor, Chance, Door, Keeper, TokenJudge, TokenSigner, Watch
from edge_node.flow.reading import Readers
from edge_node.flow.receive import Desk, Receiver, Ways
from edge_node.flow.relay import Relay
from edge_node.flow.retry import RetryPolicy
from edge_node.flow.soap import SoapSpeech
from edge_node.flow.soap_sending import SoapSending
from edge_node.flow.speech import Headers, Speech
from edge_node.flow.takeover import Takeover
from edge_node.flow.tick import Ticker
from edge_node.flow.turns import Turns
from edge_node.flow.warning import Warnings
from edge_node.flow.weighing import Shown, Weigher, nobody
from edge_node.formats.hardened import XmlLimits
from edge_node.model.fhir import TokenMode
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Catalogue, Interaction
from edge_node.model.keeping import Entry, Renewal, place_of, way_of
from edge_node.model.message import Direction, Format, Reading
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Site
from edge_node.policy.acknowledgement import CodeClass
from edge_node.policy.standing import Standing

log = structlog.get_logger()

#: Under which name the way out is seen, by format.
_WAYS_OUT: Final = {Format.SOAP: "switchboard", Format.FHIR: "broker"}


class LiveCatalogue(Mapping[str, Interaction]):
    """The table as the settings have it now."""

    def __init__(self, rows: Catalogue) -> None:
        self._rows = rows

    def become(self, rows: Catalogue) -> None:
        """Take the rows of new settings."""
        self._rows = rows

    def __getitem__(self, name: str) -> Interaction:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the settings choose for the line; taken anew at a reload."""

    site: Site
    catalogue: Catalogue
    breaker: BreakerPolicy
    retry: RetryPolicy
    out_concurrency: int
    in_concurrency: int
    max_at_once_bytes: int = 64 * 1024 * 1024
    destination: DestinationPolicy = field(default_factory=DestinationPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fittings:
    """What the line is joined to, for the life of the process."""

    keeper: Keeper
    doors: Mapping[tuple[Direction, Format], Door]  # all but the one to the broker
    to_broker: BrokerDoor
    access_tokens: AccessTokens
    tokens: TokenJudge
    signer: TokenSigner
    answers: Answers
    classes: Mapping[str, CodeClass]
    clock: IReactorTime
    chance: Chance
    watch: Watch
    has_room: Callable[[], bool]  # whether the disk is above its reserve
    can_record: Callable[[], bool]  # whether a query can be logged
    standing: Callable[[], Standing] = Standing  # what the checks stop; none, where nobody looks
    shown: Shown = nobody  # hears what local systems say beside their messages
    was_emergency: WasEmergency = of_none  # whether a kept message was sent in one, by its correlation


class Line:
    """Both directions of one node."""

    def __init__(self, choices: Choices, fittings: Fittings) -> None:
        self._choices = choices
        self._fittings = fittings
        self._catalogue = LiveCatalogue(choices.catalogue)
        self._gatekeeper = Gatekeeper(fittings.standing, self._catalogue, fittings.was_emergency)
        self._doors = self._with_tokens(fittings)
        self.destinations = {direction: self._destinations(direction) for direction in Direction}
        self._out = {format_: self._link(name, Direction.OUT, format_) for format_, name in _WAYS_OUT.items()}
        self._local: dict[tuple[ApplicationId, Format], Link] = {}
        turns = Turns(fittings.clock)
        self.readers = Readers(catalogue=self._catalogue, limits=XmlLimits(), turns=turns)
        weigher = Weigher(fittings.standing, fittings.shown)
        self._soap = soap = SoapSpeech(
            readers=self.readers,
            answers=fittings.answers,
            catalogue=self._catalogue,
            classes=fittings.classes,
            warnings=Warnings(fittings.watch),
            tokens=fittings.tokens,
            signer=fittings.signer,
            weigher=weigher,
        )
        self._fhir = fhir = FhirSpeech(
            answers=FhirAnswers(),
            catalogue=self._catalogue,
            classes=fittings.classes,
            turns=turns,
            chance=fittings.chance,
            mark=fittings.keeper.mark,
            tokens=fittings.tokens,
            access=fittings.access_tokens,
            signer=fittings.signer,
            watch=fittings.watch,
            weigher=weigher,
        )
        self._speeches: dict[Format, Speech] = {Format.SOAP: soap, Format.FHIR: fhir}
        self.ticker = Ticker(self._out[Format.SOAP], soap, lambda: self._choices.site, fittings.clock)
        self.deliverers = {direction: self._deliverer(direction) for direction in Direction}
        self.receivers = {direction: self._receiver(direction) for direction in Direction}

    @property
    def site(self) -> Site:
        """The site as the settings have it now."""
        return self._choices.site

    @property
    def catalogue(self) -> Catalogue:
        """The table as the settings have it now."""
        return self._catalogue

    @property
    def ways_out(self) -> tuple[Link, ...]:
        """The links to the switchboard side: the broker's too, where FHIR is spoken."""
        return tuple(link for format_, link in self._out.items() if format_ is Format.SOAP or self._speaks_fhir)

    @property
    def local_links(self) -> tuple[Link, ...]:
        """The links to local systems that were used."""
        return tuple(self._local.values())

    async def judge_renewal(self, caller: LocalCaller, reading: Reading, body: bytes) -> tuple[Finding, ...]:
        """What is wrong with the new token of a message that is handed in again."""
        return await self._soap.judge_renewal(caller, reading, body, self.site)

    async def fhir_renewal(self, given: Headers, kept: Kept) -> Renewal:
        """The same FHIR request with other tokens, judged anew. Raises `Refused`."""
        return await self._fhir.renewal(given, kept, self.site)

    def begin(self) -> None:
        """Start delivering."""
        for deliverer in self.deliverers.values():
            deliverer.begin()

    async def stop(self, wait_s: float) -> None:
        """Let what is in flight end."""
        stopping = [Deferred.fromCoroutine(deliverer.stop(wait_s)) for deliverer in self.deliverers.values()]
        await gatherResults(stopping)

    def become(self, choices: Choices) -> None:
        """Go on with new settings. New settings are evidence of repair: what waits is tried."""
        self._choices = choices
        self._catalogue.become(choices.catalogue)
        for link in (*self._out.values(), *self._local.values()):
            link.breaker.become(choices.breaker)
        for destinations in self.destinations.values():
            destinations.policy = choices.destination
            destinations.hope()  # a pause that the other side asked for goes on
        for direction, deliverer in self.deliverers.items():
            deliverer.use(self._policy(direction))
            deliverer.repaired()

    def wake(self, direction: Direction) -> None:
        """Something came to the queue, or a lane opened: what may go does."""
        self.deliverers[direction].wake()

    def hope(self, direction: Direction) -> None:
        """A person says that it may be repaired: one is tried, where a link is down or a pause was asked for too."""
        for link in self._out.values() if direction is Direction.OUT else self._local.values():
            link.breaker.hope()
        self.destinations[direction].hope(pauses=True)
        self.deliverers[direction].wake()

    def link_to(self, direction: Direction) -> Callable[[ApplicationId, Format], Link]:
        """How the link to a receiver is found."""
        if direction is Direction.OUT:
            return lambda _receiver, format_: self._out[format_]
        return self._local_link

    def _local_link(self, receiver: ApplicationId, format_: Format) -> Link:
        if (receiver, format_) not in self._local:
            name = f"application {receiver}" + (" FHIR" if format_ is Format.FHIR else "")
            self._local[receiver, format_] = self._link(name, Direction.IN, format_, str(receiver))
        return self._local[receiver, format_]

    def _link(self, name: str, direction: Direction, format_: Format, receiver: str = "") -> Link:
        breaker = Breaker(self._choices.breaker, self._fittings.clock.seconds)
        place = way_of(format_) if direction is Direction.OUT else place_of(receiver, format_)
        return Link(name, self._doors[direction, format_], breaker, self._changed(direction, place))

    @staticmethod
    def _with_tokens(fittings: Fittings) -> dict[tuple[Direction, Format], Door]:
        tokens, soap = (fittings.access_tokens, fittings.signer), (Direction.OUT, Format.SOAP)
        fhir = FhirSending(fittings.to_broker, tokens, fittings.chance, fittings.clock)
        sending = SoapSending(fittings.doors[soap], fittings.signer, fittings.clock)
        return {**fittings.doors, soap: sending, (Direction.OUT, Format.FHIR): fhir}

    @property
    def _speaks_fhir(self) -> bool:
        applications = self._choices.site.applications.values()
        return any(it.fhir_bases or it.fhir_tokens is TokenMode.EXCHANGE for it in applications)

    def _places(self, direction: Direction) -> Places:
        if direction is Direction.IN:  # each local system has a way of its own
            return Places(links=self._local_places, destinations=self.destinations[direction])
        return Places(
            links=lambda: {way_of(format_): link for format_, link in self._out.items()},
            destinations=self.destinations[direction],
            ways=lambda: frozenset(way_of(format_) for format_, link in self._out.items() if link in self.ways_out),
        )

    def _local_places(self) -> dict[str, Link]:
        return {place_of(receiver, format_): link for (receiver, format_), link in self._local.items()}

    def _destinations(self, direction: Direction) -> Destinations:
        def changed(closed: Closed, is_open: bool) -> None:
            count = len(self.destinations[direction].shown())
            self._fittings.watch.destinations_closed(direction, count)
            if is_open:
                self.deliverers[direction].reopened(closed.place)

        def tell(closed: Closed, is_open: bool) -> None:
            log.warning(
                "destination.changed",
                direction=str(direction),
                destination=closed.place,
                is_up=is_open,
                code=closed.code,
                down_s=round(closed.since_s),
                tries=closed.probes,
            )

        seconds, chance = self._fittings.clock.seconds, self._fittings.chance
        return Destinations(self._choices.destination, seconds, chance, changed, tell)

    def _changed(self, direction: Direction, place: str) -> Callable[[str, bool], None]:
        def changed(name: str, is_up: bool) -> None:
            self._fittings.watch.link_changed(name, is_up)
            log.warning("link.changed", link=name, is_up=is_up)
            if is_up:
                self.deliverers[direction].reopened(place)

        return changed

    def _policy(self, direction: Direction) -> DeliveryPolicy:
        choices, timing = self._choices, self._choices.site.timing
        is_out = direction is Direction.OUT
        return DeliveryPolicy(
            direction=direction,
            concurrency=choices.out_concurrency if is_out else choices.in_concurrency,
            bulk_per_s=choices.site.bulk_per_s,
            waits=Waits(timeout_s=timing.push_answer_s, connect_s=timing.connect_s),
            retry=choices.retry,
            site=choices.site,
            max_at_once_bytes=choices.max_at_once_bytes,
        )

    def _deliverer(self, direction: Direction) -> Deliverer:
        fittings, link_to = self._fittings, self.link_to(direction)

        def link_of(entry: Entry) -> Link:
            return link_to(entry.receiver, entry.payload.format)

        tools = Tools(
            keeper=fittings.keeper,
            link_to=link_of,
            places=self._places(direction),
            speeches=self._speeches,
            clock=fittings.clock,
            chance=fittings.chance,
            watch=fittings.watch,
            gatekeeper=self._gatekeeper,
        )
        return Deliverer(self._policy(direction), tools)

    def _receiver(self, direction: Direction) -> Receiver:
        fittings = self._fittings
        keeper, clock = fittings.keeper, fittings.clock
        desk = Desk(
            keeper=keeper,
            speeches=self._speeches,
            clock=clock,
            watch=fittings.watch,
            has_room=fittings.has_room,
            can_record=fittings.can_record,
            gatekeeper=self._gatekeeper,
        )
        relay = Relay(keeper, clock)
        ways = Ways(
            relay=relay,
            capabilities=Capabilities(relay, clock),
            handover=Handover(keeper, clock, self.deliverers[direction].wake),
            takeover=Takeover(keeper, self.deliverers[direction], clock),
            ticker=self.ticker,
            link_to=self.link_to(direction),
        )
        return Receiver(direction, lambda: self._choices.site, desk, ways)
