"""Answers a tick, and ticks the switchboard.

Knows: that a tick asks whether the transport works, and that the node answers it by itself (design section 1).
Must not know: what a tick looks like in XML.
"""

from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import Unavailable
from edge_node.flow.exchange import exchange
from edge_node.flow.link import Link, Waits
from edge_node.flow.soap import SoapSpeech
from edge_node.flow.speech import Understood
from edge_node.model.exchange import Outgoing, Reply
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction
from edge_node.model.site import Site

TICK: Final = "COMT_IN113113NL"

#: A proof of the link counts this long (design section 1).
PROOF_S: Final = 60.0


class Ticker:
    """Ticks of one direction. Outbound, a local system's tick is answered with what a tick of our own found."""

    def __init__(self, link: Link, speech: SoapSpeech, site: Callable[[], Site], clock: IReactorTime) -> None:
        self._link = link
        self._speech = speech
        self._site = site
        self._clock = clock
        self._proofs_s: dict[ApplicationId, float] = {}  # each application has the certificate of its organisation

    async def answer(self, understood: Understood) -> Reply:
        """Accept a tick from the switchboard; pass on to a local system whether our own tick was accepted."""
        facts, voice = understood.facts, understood.voice
        if facts.direction is Direction.OUT and facts.sender is not None and not self._is_proven(facts.sender):
            timing = facts.site.timing
            try:
                await self.tick(facts.sender, Waits(timeout_s=timing.push_wait_s, connect_s=timing.connect_s))
            except Unavailable as error:
                return voice.not_sent(error)
        return voice.again(voice.accept())

    async def tick(self, sender: ApplicationId, waits: Waits) -> None:
        """Send a tick of our own. Raises `Unavailable` when it was not accepted."""
        site = self._site()
        made = self._speech.answers.tick(sender, site.zim)
        reading = await self._speech.readers.read(made.body)
        asked = self._speech.asked(Direction.OUT, self._speech.catalogue[TICK], reading, site)
        outgoing = Outgoing(direction=Direction.OUT, sender=sender, receiver=site.zim, payload=made, correlation="")
        answered = await exchange(self._link, outgoing, waits, asked)
        if not answered.verdict.is_positive:
            raise Unavailable("the tick was refused", code="EN-SWITCHBOARD-FAULT")
        self._proofs_s[sender] = self._clock.seconds()

    def _is_proven(self, sender: ApplicationId) -> bool:
        proof_s = self._proofs_s.get(sender)
        return proof_s is not None and self._clock.seconds() - proof_s < PROOF_S
