"""The settings as they may leave the site: every number and choice, no secret, nobody's name or number.

Knows: which texts of the settings tell how a node is set up, and which tell who works there.
Must not know: where they are sent.

A text is shown because its key is listed here: what a later release adds is blank until somebody chose.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from edge_node.settings.schema import Settings
from edge_node.settings.values import Section

BLANK: Final = "[blank]"
#: Texts under these keys tell how the node is set up. Where one refers to a secret, it is the name of its file.
SHOWN: Final = frozenset({
    "accept_ack", "actions", "address", "address_key_files", "anchors", "answers", "antimalware_file", "attention",
    "audience", "audiences", "authorisation_server", "authorisation_server_claim", "base_path", "batch_service",
    "batch_soap_action", "bearer_token_files", "begin", "begins", "broker", "broker_claim", "card", "cards",
    "certificate", "certificate_fingerprints", "client_anchors", "client_names", "control_group", "control_socket",
    "countries", "crl_files", "daily_at", "days", "delivery", "end", "ends", "enrolment_field", "environment",
    "facility", "fhir_anchors", "fhir_bases", "fhir_tokens", "folder", "fqdn", "grant_type", "host", "id", "inbound",
    "interaction", "interactions", "interface", "issuers", "key", "key_passphrase", "kind", "language", "level",
    "local_system", "log_level", "mandate_field", "meaning", "message_id_root", "mirror", "mode", "name",
    "name_servers", "oid_ca", "oid_cas", "order", "organisation", "passed", "password_file", "path", "patient_at",
    "pattern", "prefixes", "processing_codes", "product", "production_authorities", "proxy", "recovery_keys",
    "refusal", "requested_token_type", "ring", "role", "roles", "scope", "sealing_key", "secret_files",
    "server_names", "server_signed", "service", "signer_issuers", "signer_organisation", "signers", "soap_action",
    "soap_anchors", "soap_base", "socket", "source", "sources", "state_dir", "supported_until", "test_bsns",
    "test_marks", "time_servers", "tls", "tls_profile", "token_type", "told_by", "transaction_field",
    "transaction_under_mandate_field", "trigger_event", "type", "types", "unchecked", "unix_path", "unknown", "ura",
    "use", "version", "when_bent", "zim",
})  # fmt: skip
#: Of these the way is shown, and not the path: in it somebody may have put a key.
_ADDRESSES: Final = frozenset({"url", "mirror", "proxy"})
#: Who works or helps here; what stands under them is blank wherever else it is told as well.
_PEOPLE: Final = frozenset({"help_name", "help_phone", "mail_to", "network_to", "sender", "to", "user"})


def shown(settings: Settings) -> dict[str, Any]:
    """Return them as JSON has them."""
    found: dict[str, Any] = _fit("", settings)
    return found


def people(settings: Settings) -> frozenset[str]:
    """Return the names, numbers and addresses of people that stand in them."""
    return frozenset(_people("", settings))


def _fit(key: str, value: Any) -> Any:
    if isinstance(value, Section):
        return {name: _fit(name, child) for name, child in value}
    if isinstance(value, Mapping):
        return {str(name): _fit(key, child) for name, child in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_fit(key, child) for child in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if key in _ADDRESSES:
        return _without_path(str(value))
    return str(value) if key in SHOWN else BLANK


def _people(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, Section):
        for name, child in value:
            yield from _people(name, child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _people(key, child)
    elif isinstance(value, str) and key in _PEOPLE:
        yield str(value)


def _without_path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/{BLANK}" if parts.path.strip("/") else address
