"""Answers a tick, and ticks the switchboard.

Knows: that a tick asks whether the transport works, and that the node answers it by itself (design section 1).
Must not know: what a tick looks like in XML.
"""

from typing import Final

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import Unavailable
from edge_node.flow.answers import Answers
from edge_node.flow.exchange import exchange
from edge_node.flow.link import Link, Waits
from edge_node.flow.reading import Readers
from edge_node.model.exchange import Outgoing, Reply
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Catalogue
from edge_node.model.message import Direction
from edge_node.policy.answer import Question
from edge_node.policy.case import Case

TICK: Final = "COMT_IN113113NL"

#: A proof of the link counts this long (design section 1).
PROOF_S: Final = 60.0


class Ticker:
    """Ticks of one direction. Outbound, a local system's tick is answered with what a tick of our own found."""

    def __init__(
        self, link: Link, readers: Readers, answers: Answers, catalogue: Catalogue, clock: IReactorTime
    ) -> None:
        self._link = link
        self._readers = readers
        self._answers = answers
        self._catalogue = catalogue
        self._clock = clock
        self._proofs_s: dict[ApplicationId, float] = {}  # each application has the certificate of its organisation

    async def answer(self, case: Case) -> Reply:
        """Accept a tick from the switchboard; pass on to a local system whether our own tick was accepted."""
        if case.direction is Direction.IN:
            return self._answers.again(self._answers.accept(case))
        if not self._is_proven(case.own):
            try:
                await self.tick(
                    case.own,
                    case.site.zim,
                    Waits(timeout_s=case.site.timing.push_wait_s, connect_s=case.site.timing.connect_s),
                )
            except Unavailable as error:
                return self._answers.not_sent(case, error)
        return self._answers.again(self._answers.accept(case))

    async def tick(self, sender: ApplicationId, zim: ApplicationId, waits: Waits) -> None:
        """Send a tick of our own. Raises `Unavailable` when it was not accepted."""
        made = self._answers.tick(sender, zim)
        reading = await self._readers.read(made.body)
        outgoing = Outgoing(direction=Direction.OUT, sender=sender, receiver=zim, payload=made, correlation="")
        question = Question(row=self._catalogue[TICK], wrapper=reading.wrapper, zim=zim, patient=None)
        answered = await exchange(self._link, outgoing, waits, question, self._readers)
        if not answered.is_positive:
            raise Unavailable("the tick was refused", code="EN-SWITCHBOARD-FAULT")
        self._proofs_s[sender] = self._clock.seconds()

    def _is_proven(self, sender: ApplicationId) -> bool:
        proof_s = self._proofs_s.get(sender)
        return proof_s is not None and self._clock.seconds() - proof_s < PROOF_S
