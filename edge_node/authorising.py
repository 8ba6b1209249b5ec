"""What the settings choose for access tokens and addresses of FHIR, as the part that gets them is handed it.

Knows: which setting goes where.
Must not know: how a token is fetched, when a client is made.
"""

from collections.abc import Awaitable, Callable, Mapping

from edge_node.errors import NotSent
from edge_node.model.identifiers import ApplicationId
from edge_node.settings.schema import Settings
from edge_node.wire.authorisation import (
    AccessTokenRules,
    Authorisation,
    AuthorisationChoices,
    ExchangeForm,
    PeerWay,
    Signer,
)
from edge_node.wire.doors import Route
from edge_node.wire.http1_client import HttpClient
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust import TrustedPeer
from edge_node.wire.trust_judge import Purpose

Ways = Mapping[ApplicationId, tuple[PeerWay, ...]]


def broker_routes(
    present: Callable[[], Ways], authorisation: Authorisation
) -> Callable[[ApplicationId, str], Awaitable[Route]]:
    """Return how the broker of an application is found, among the ways as they are when it is asked."""

    async def route(application: ApplicationId, version: str) -> Route:
        ways = present().get(application)
        if ways is None:  # it left the settings while its message waited
            raise NotSent(f"application {application} is not served here", code="EN-SENDER-FOREIGN")
        if not any(way.role == "broker" for way in ways):
            raise NotSent("the settings have no peer of role broker", code="EN-AUTHORISATION-UNTRUSTED")
        address = await authorisation.broker(application, version)
        ways = present().get(application, ways)  # as they are now
        client = next(way.client for way in ways if way.name == address.peer)
        return Route(client, address.base_path)

    return route


def authorisation_choices(settings: Settings, zim: TrustedPeer, revocation: Revocation) -> AuthorisationChoices:
    """Return what the settings choose; the stelseltoken is signed under the anchors of the zim."""
    fhir = settings.switchboard.fhir
    signed, exchange = fhir.stelseltoken, fhir.exchange
    signer = Signer(
        anchors=zim.anchors,
        issuers=signed.signer_issuers or zim.issuers,
        organisation=signed.signer_organisation or zim.organisation,
        names=zim.names(Purpose.SERVER),
        revocation=revocation,
        roles=frozenset({zim.role}),
        skew_s=fhir.access_tokens.clock_skew_s,
    )
    return AuthorisationChoices(
        signer=signer,
        stelseltoken_path=signed.path,
        stelseltoken_kind=signed.type,
        issuer_claim=signed.authorisation_server_claim,
        broker_claim=signed.broker_claim,
        issuer=fhir.authorisation_server,
        broker=fhir.broker,
        max_age_s=fhir.max_age_s,
        keep_for_s=fhir.keep_for_s,
        retry_s=fhir.retry_s,
        fetch_timeout_s=fhir.fetch_timeout_s,
        access=AccessTokenRules(
            kinds=fhir.access_tokens.types,
            audiences=fhir.access_tokens.audiences,
            skew_s=fhir.access_tokens.clock_skew_s,
            keys_timeout_s=fhir.access_tokens.keys_timeout_s,
            blocks_unknown=fhir.access_tokens.unknown == "refuse",
        ),
        form=ExchangeForm(
            grant_type=exchange.grant_type,
            token_type=exchange.token_type,
            requested_token_type=exchange.requested_token_type,
            transaction_field=exchange.transaction_field,
            mandate_field=exchange.mandate_field,
            transaction_under_mandate_field=exchange.transaction_under_mandate_field,
            enrolment_field=exchange.enrolment_field,
            scope=exchange.scope,
            audience=exchange.audience,
            more=exchange.more_fields,
        ),
    )


def peer_ways(settings: Settings, clients: Mapping[str, HttpClient]) -> tuple[PeerWay, ...]:
    """Return the parties as one identity reaches them; `clients` are its pools, by the name of the peer."""
    return tuple(
        PeerWay(
            name=peer.name,
            role=peer.role,
            host=peer.host,
            port=peer.port,
            names=frozenset({peer.host, *peer.server_names}),
            base_path=peer.base_path.rstrip("/"),
            client=clients[peer.name],
        )
        for peer in settings.switchboard.peers
        if peer.name in clients
    )
