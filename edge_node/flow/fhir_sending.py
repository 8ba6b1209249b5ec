"""Makes each attempt of a FHIR request one of its own: a new requestID, a fresh access token.

Knows: that an access token is for one attempt and is kept nowhere (design section 4).
Must not know: how a token is got, how a request is written.
"""

from dataclasses import replace

import structlog
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import NotSent, Refused
from edge_node.flow.fhir import HANDED_IN, new_uuid
from edge_node.flow.ports import AccessTokens, BrokerDoor, Chance, TokenSigner
from edge_node.flow.soap_sending import made_for
from edge_node.formats.fhir_headers import AORTA_ID, read_aorta_id, write_aorta_id
from edge_node.formats.fhir_saml import access_of
from edge_node.formats.fhir_tokens import AUTHORIZATION, read_saml, written
from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.fhir import Access, AortaId, SamlTokens

log = structlog.get_logger()


class FhirSending:
    """The door to the broker, for requests as they were handed in."""

    def __init__(
        self, door: BrokerDoor, tokens: tuple[AccessTokens, TokenSigner], chance: Chance, clock: IReactorTime
    ) -> None:
        self._door = door
        self._tokens, self._signer = tokens
        self._chance = chance
        self._clock = clock

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> Answer:
        """Send. Raises `NotSent`, `OutcomeUnknown`; `Refused` when the tokens handed in give no access."""
        end_s = self._clock.seconds() + timeout_s
        headers = dict(outgoing.payload.headers)
        if AORTA_ID in headers:
            headers[AORTA_ID] = self._of_this_attempt(headers[AORTA_ID], outgoing.correlation)
        saml = read_saml(headers)
        if saml is not None:
            # What a user signed may count once: it is not spent on a line that is down.
            await self._door.reach(outgoing, connect_s=connect_s)
            saml = await self._whole(saml, outgoing)
            left_s = max(0.0, end_s - self._clock.seconds())
            access = Access() if saml.transaction is None else access_of(saml.transaction, outgoing.receiver)
            token = await self._tokens.access_token(outgoing.sender, saml, access, timeout_s=left_s)
            headers[AUTHORIZATION] = f"Bearer {token}"
        left_s = end_s - self._clock.seconds()
        if left_s <= 0:
            raise NotSent("getting an access token took all the time", code="EN-AUTHORISATION-UNREACHABLE")
        sent = tuple((name, value) for name, value in headers.items() if name not in HANDED_IN)
        payload = replace(outgoing.payload, headers=sent)
        sent_as = replace(outgoing, payload=payload, wanted=None)
        return await self._door.ask(sent_as, timeout_s=left_s, connect_s=connect_s)

    async def _whole(self, saml: SamlTokens, outgoing: Outgoing) -> SamlTokens:
        """The tokens to be exchanged, with the one that the node makes where none was handed in."""
        if saml.transaction is not None:
            return saml
        if outgoing.wanted is None:  # new settings took it from what is signed here
            raise Refused("no transaction token was handed in, and none is made for this", code="EN-TOKEN-MISSING")
        made = await made_for(self._signer, outgoing.wanted, outgoing.correlation)
        return replace(saml, transaction=written(made.xml))

    def _of_this_attempt(self, given: str, correlation: str) -> str:
        aorta_id = AortaId(initial_request=read_aorta_id(given).initial_request, request=new_uuid(self._chance))
        log.info(
            "fhir.attempted",
            initial_request_id=aorta_id.initial_request,
            request_id=aorta_id.request,
            correlation=correlation,
        )
        return write_aorta_id(aorta_id)
