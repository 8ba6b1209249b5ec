"""The rules between settings that FHIR adds.

Knows: what an application with FHIR needs of the switchboard side.
Must not know: YAML, files, how a request is routed.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from edge_node.model.identifiers import InteractionId
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps

Broken = tuple[Steps, str]


def broken_fhir(settings: Settings) -> Iterator[Broken]:
    """Yield everything about FHIR that does not fit together."""
    yield from _served_once(settings)
    yield from _peers(settings)
    yield from _addresses(settings)
    yield from _interactions(settings)
    yield from _credentials(settings)
    yield from _fields(settings)


def _fields(settings: Settings) -> Iterator[Broken]:
    """Of two tokens in one field the server would see one."""
    exchange = settings.switchboard.fhir.exchange
    beside = (exchange.mandate_field, exchange.transaction_under_mandate_field, exchange.enrolment_field)
    if len(set(beside)) < len(beside) or exchange.transaction_field == exchange.enrolment_field:
        yield ("switchboard", "fhir", "exchange"), "two tokens of one request have one field"


def _credentials(settings: Settings) -> Iterator[Broken]:
    """On the FHIR mirror Authorization holds the access token: bearer and basic prove nothing there."""
    known = {
        system.name
        for system in settings.local.systems
        if system.address_key_files
        or system.certificate_fingerprints
        or system.certificate_subjects
        or system.unix_uids
        or system.unix_users
    }
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            if application.fhir_tokens == "exchange" and application.local_system not in known:
                yield (
                    ("identities", i, "applications", j, "fhir_tokens"),
                    f"{application.local_system} could not call: give it a key in the address, a client certificate "
                    "or a Unix user",
                )


def _interactions(settings: Settings) -> Iterator[Broken]:
    """One that says it is of the other kind would never be found."""
    for i, item in enumerate(settings.switchboard.interactions):
        steps: Steps = ("switchboard", "interactions", i)
        if InteractionId(item.id).is_fhir != item.fhir:
            yield (*steps, "fhir"), f"must be {str(not item.fhir).lower()}: the id says what it is"
        if item.repeatable and not item.fhir:
            yield (*steps, "repeatable"), "is for FHIR; in HL7v3 every receiver recognises a message id"


def _served_once(settings: Settings) -> Iterator[Broken]:
    """Inbound, only the identity and the version say for which application a request is."""
    for i, identity in enumerate(settings.identities):
        taken: dict[str, str] = {}
        for j, application in enumerate(identity.applications):
            for version in application.fhir_bases:
                other = taken.setdefault(version, application.id)
                if other != application.id:
                    yield (
                        ("identities", i, "applications", j, "fhir_bases", version),
                        f"application {other} of this organisation has {version}, and no request names either",
                    )


def _peers(settings: Settings) -> Iterator[Broken]:
    roles = {peer.role for peer in settings.switchboard.peers}
    called = {peer.role for peer in settings.switchboard.peers if peer.client_names}
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            steps: Steps = ("identities", i, "applications", j)
            if application.fhir_bases and "broker" not in called:
                yield (*steps, "fhir_bases"), "no peer of role broker with client_names could call it"
            if application.fhir_tokens == "exchange" and not {"broker", "authorisation-server"} <= roles:
                yield (*steps, "fhir_tokens"), "exchange needs peers of roles broker and authorisation-server"


def _addresses(settings: Settings) -> Iterator[Broken]:
    """An address elsewhere would be refused at every request; here it is told at once."""
    fhir = settings.switchboard.fhir
    for key, role, address in (
        ("authorisation_server", "authorisation-server", fhir.authorisation_server),
        ("broker", "broker", fhir.broker),
    ):
        if address is None:
            continue
        parts = urlsplit(address)
        peers = [peer for peer in settings.switchboard.peers if peer.role == role]
        if not any(
            parts.hostname in {peer.host, *peer.server_names} and (parts.port or 443) == peer.port for peer in peers
        ):
            yield ("switchboard", "fhir", key), f"is no address of a peer of role {role}"
