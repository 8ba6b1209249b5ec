"""Whether the local systems are there, seen without a message: a connection now and then.

Knows: which applications are handed messages and at which addresses, that a look asks nothing of a local system.
Must not know: how a connection is made, what it means that there is none.
"""

from collections.abc import Callable, Iterator
from functools import partial

from twisted.internet.interfaces import IReactorTime

from edge_node.building import Wired
from edge_node.flow.link import Link
from edge_node.flow.ports import Chance
from edge_node.flow.pulse import Pulse
from edge_node.line import Line
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction, Format
from edge_node.wire.http1_client import HttpClient

Key = tuple[ApplicationId, Format]


class Reaching:
    """Looks at each at an interval, and sooner while it is not there."""

    def __init__(self, line: Line, wired: Callable[[], Wired], clock: IReactorTime, chance: Chance) -> None:
        self._line = line
        self._wired = wired
        self._clock = clock
        self._chance = chance
        self._pulses: dict[Key, Pulse] = {}

    def begin(self) -> None:
        """Look from now on, at those that the settings name now."""
        self.end()
        settings = self._wired().settings
        pushed = {
            ApplicationId(one.id) for it in settings.identities for one in it.applications if one.delivery == "push"
        }
        for key in dict.fromkeys(self._keys()):
            if key[0] in pushed:
                pulse = self._pulses[key] = Pulse(
                    partial(self._look, key), self._clock, self._chance, event="local.look-failed"
                )
                pulse.begin(settings.local.look_interval_s)

    def end(self) -> None:
        """No more looks."""
        for pulse in self._pulses.values():
            pulse.end()
        self._pulses = {}

    async def _look(self, key: Key) -> bool:
        link = self._link(key)
        client = self._client(key)
        if client is None or self._is_fresh(link):
            return not link.code
        limit_s = self._line.site.timing.connect_s
        await link.see(lambda connect_s: client.knock(connect_s=connect_s), limit_s)
        if link.silent_since_s is not None:  # a connection is no answer
            await link.hear(lambda: client.hail(timeout_s=limit_s))
        return not link.code

    def _is_fresh(self, link: Link) -> bool:
        """Whether a message showed it just now."""
        good_at_s, interval_s = link.breaker.good_at_s, self._wired().settings.local.look_interval_s
        if link.code or good_at_s is None or interval_s is None:
            return False
        return self._clock.seconds() - good_at_s < interval_s / 2

    def _link(self, key: Key) -> Link:
        return self._line.link_to(Direction.IN)(*key)

    def _keys(self) -> Iterator[Key]:
        wired = self._wired()
        yield from ((application, Format.SOAP) for application in wired.local)
        yield from ((application, Format.FHIR) for application, _ in wired.local_fhir)

    def _client(self, key: Key) -> HttpClient | None:
        """Of several versions of FHIR the first one stands for all."""
        wired = self._wired()
        application, format_ = key
        if format_ is Format.SOAP:
            route = wired.local.get(application)
        else:
            route = next((it for (one, _), it in wired.local_fhir.items() if one == application), None)
        return None if route is None else route.client
