"""Puts a transaction token that the node makes into each attempt of a message that was handed in without one.

Knows: that such a token is for one attempt and is kept nowhere, that not a byte of the message changes.
Must not know: how a token is made, whether the message is kept.
"""

from dataclasses import replace

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import NotSent, Refused, StoreUnavailable
from edge_node.flow.ports import Door, TokenSigner
from edge_node.formats.token_making import put_beside
from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.finding import Finding
from edge_node.model.token import MadeToken, WantedToken


class SoapSending:
    """The door to the switchboard, for messages as they were handed in."""

    def __init__(self, door: Door, signer: TokenSigner, clock: IReactorTime) -> None:
        self._door = door
        self._signer = signer
        self._clock = clock

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> Answer:
        """Send. Raises `NotSent`, `OutcomeUnknown`; `Refused` when mandate and enrolment give no token."""
        if outgoing.wanted is None:
            return await self._door.ask(outgoing, timeout_s=timeout_s, connect_s=connect_s)
        end_s = self._clock.seconds() + timeout_s
        made = await made_for(self._signer, outgoing.wanted, outgoing.correlation)
        payload = replace(outgoing.payload, body=put_beside(outgoing.payload.body, made.xml))
        left_s = end_s - self._clock.seconds()
        if left_s <= 0:
            raise NotSent("making a token took all the time")
        sent = replace(outgoing, payload=payload, wanted=None)
        return await self._door.ask(sent, timeout_s=left_s, connect_s=connect_s)


async def made_for(signer: TokenSigner, wanted: WantedToken, correlation: str) -> MadeToken:
    """A token for one attempt. Raises `Refused`, `NotSent`: also where it could not be recorded."""
    try:
        return await signer.make(replace(wanted, correlation=correlation))
    except StoreUnavailable as error:
        raise NotSent(error.detail, code=error.code) from error


async def rehearsed(signer: TokenSigner, wanted: WantedToken | None) -> tuple[Finding, ...]:
    """Why no token can be made for a message. Told before anything is accepted: nobody else could sign it later."""
    if wanted is None:
        return ()
    try:
        await signer.rehearse(wanted)
    except (Refused, NotSent) as error:
        return (Finding(error.code, error.detail),)
    return ()
