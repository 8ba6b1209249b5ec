"""The switchboard side: who may be there, where the node listens for it, and how long it waits.

Knows: the keys under `switchboard`.
Must not know: TLS contexts, or how an interaction is judged.
"""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import AfterValidator, Field

from edge_node.settings.fhir import FhirSettings
from edge_node.settings.limits import ConnectionLimits
from edge_node.settings.register import HierarchySettings, UziSettings
from edge_node.settings.values import (
    ApplicationIdText,
    Count,
    FileReference,
    HostName,
    InteractionIdText,
    IpAddress,
    ListenPort,
    Name,
    Port,
    Seconds,
    Section,
    Text,
    UraText,
    setting,
)

ServicePath = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,127}$")]
SoapAction = Annotated[str, Field(pattern=r"^urn:hl7-org:v3/[A-Za-z0-9]+_[A-Za-z0-9]+$")]


def _base_path(text: str) -> str:
    if not text.startswith("/") or any(mark in text for mark in "?# ") or not text.isprintable():
        raise ValueError("is no path; write / or /some/path")
    return text.rstrip("/")


class InboundListener(Section):
    """Where the switchboard reaches the node."""

    host: IpAddress = setting("Address to listen on, as agreed with the care network.", "0.0.0.0")  # noqa: S104
    port: ListenPort = setting("TCP port; 0 lets the system choose one.", 443)
    limits: ConnectionLimits = setting("What its connections may take.", ConnectionLimits())


class PeerSettings(Section):
    """One party on the switchboard side."""

    name: Name = setting("Short name of the peer in these settings and in logs.")
    role: Literal["zim", "broker", "authorisation-server", "mitz"] = setting("What the peer is.")
    host: HostName = setting("Host name the node connects to.")
    port: Port = setting("TCP port the node connects to.", 443)
    base_path: Annotated[str, AfterValidator(_base_path)] = setting("Path before the service name.", "/")
    server_names: tuple[HostName, ...] = setting(
        "Names accepted in its certificate when the node connects to it. Empty: host.", ()
    )
    client_names: tuple[HostName, ...] = setting(
        "Names accepted in its certificate when it connects to the node. Empty: it may not.", ()
    )
    issuers: Annotated[tuple[Text, ...], MinLen(1)] = setting(
        "Subjects of the authorities that may have issued its certificate: common name, or RFC 4514. A list, so "
        "that an old and a new one can overlap."
    )
    organisation: Text | None = setting("Organisation that must stand in its certificate.", None)
    ura: UraText | None = setting(
        "URA that must stand in its certificate, in quotes; only for a peer with one of the UZI register.", None
    )
    anchors: FileReference = setting("PEM file with the trust anchors of this environment for this peer.")


class Waits(Section):
    """How long the node waits, in seconds."""

    connect_s: Seconds = setting("To connect, TLS included.", 5.0)
    push_wait_s: Seconds = setting("For the switchboard's answer to a push while the local system waits.", 20.0)
    push_answer_s: Seconds = setting("For the answer to a push, local system waiting or not.", 30.0)
    query_out_s: Seconds = setting("For the answer to a query of the local system.", 60.0)
    query_in_s: Seconds = setting("For the local system's answer to a query of the switchboard.", 10.0)


class LinkBreaker(Section):
    """When the line to the switchboard counts as down, so that requests fail fast."""

    failures: Count = setting("Failures to connect in a row that open it.", 5)
    probe_s: Seconds = setting("Seconds between two tries while it is open.", 30.0)
    urgent_connect_s: Seconds = setting("Seconds to connect for the one query at a time still tried.", 2.0)


class ServiceSettings(Section):
    """Address and SOAPAction of an interaction, where the site knows them from its WSDL files."""

    interaction: InteractionIdText = setting("Interaction id.")
    service: ServicePath = setting("Address path: the name of the service.")
    soap_action: SoapAction = setting("SOAPAction, without quotes of its own.")


class InteractionSettings(Section):
    """An interaction that the site declares: beyond the table of this release, or in the place of a row of it."""

    id: InteractionIdText = setting("Interaction id.")
    meaning: Text = setting("What it is, in a few words.")
    pattern: Literal["query", "answer", "push", "accept ack", "app ack", "batch answer"] = setting("Its part.")
    level: Literal["laag", "midden", "hoog", "unset"] = setting("Trust level (vertrouwensniveau).", "unset")
    direct: bool | None = setting("Whether it is a direct question.", None)
    active: bool = setting("Whether it is in use.", True)
    attention: Literal["free", "BSN", "noBSN", "CTX"] = setting("What its attention line holds.", "free")
    accept_ack: Literal["AL", "NE"] | None = setting("Its acceptAckCode.", None)
    answers: tuple[InteractionIdText, ...] = setting("Interactions that may answer it.", ())
    trigger_event: Text | None = setting("Its trigger event.", None)
    fhir: bool = setting("Whether it is a FHIR interaction.", False)
    keep: bool = setting("Whether a push may be kept and sent later.", False)
    inbound: Literal["keep", "relay", "never"] = setting("What the node does with one that comes in.", "relay")
    lifetime_s: Annotated[int, Gt(0)] = setting("Seconds for which a kept one is tried.", 7 * 86400)
    order: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = setting("Ordering group.", "other")
    priority: Annotated[int, Ge(0), Le(2)] = setting("0 removal from the index, 1 interactive, 2 bulk.", 1)
    patient_at: tuple[Annotated[str, Field(pattern=r"^(attention-line|query|token|payload:[\w./-]+)$")], ...] = (
        setting("Where the patient stands: attention-line, query, token, payload:<path>.", ())
    )
    duplicates: bool = setting("Whether copies are recognised; not for signals.", True)
    consent: bool = setting("Whether it needs consent.", False)
    repeatable: bool = setting(
        "FHIR: whether its receivers recognise a copy, so that one with an unknown outcome is sent again by itself.",
        False,
    )
    service: ServicePath | None = setting("Address path.", None)
    soap_action: SoapAction | None = setting("SOAPAction.", None)
    batch_service: ServicePath | None = setting("Address path of the question answered by a batch.", None)
    batch_soap_action: SoapAction | None = setting("SOAPAction of that question.", None)
    refusal: InteractionIdText | None = setting("Interaction of the answer that says no.", None)


class SwitchboardSettings(Section):
    """The switchboard side."""

    listen: InboundListener = setting("Where the switchboard reaches the node.", InboundListener())
    zim: ApplicationIdText = setting("Application id of the switchboard itself in this environment, in quotes.")
    peers: Annotated[tuple[PeerSettings, ...], MinLen(1)] = setting("The parties there; exactly one of role zim.")
    tls_profile: Literal["lsp-compat", "ncsc-2025"] = setting(
        "TLS of the whole process. Both profiles: TLS 1.2 and 1.3, with forward secrecy, AEAD and extended master "
        "secret only. ncsc-2025 sends a post-quantum key at once, so that the first message takes two packets, and "
        "labels by the guideline of 2025; lsp-compat keeps it to one packet, and labels by that of 2021.",
        "lsp-compat",
    )
    uzi: UziSettings = setting("The UZI register's server certificates.", UziSettings())
    hierarchies: HierarchySettings = setting("How test and production are told apart.", HierarchySettings())
    waits: Waits = setting("How long the node waits.", Waits())
    pool_connections: Count = setting("Connections the node keeps to one peer at most.", 16)
    pool_idle_s: Seconds = setting("Seconds an unused connection is kept.", 60.0)
    tls_session_s: Annotated[int, Ge(60), Le(7 * 86_400)] = setting(
        "Seconds for which a TLS session may be resumed; the peer is judged again each time.", 86_400
    )
    link_breaker: LinkBreaker = setting("When requests fail fast.", LinkBreaker())
    refused_certificate_retry_s: Seconds = setting(
        "Seconds between two tries with a certificate of the site that the switchboard refused; meanwhile an older "
        "one is shown.",
        900.0,
    )
    tick_interval_s: Seconds | None = setting("Seconds between two ticks to the switchboard; null sends none.", 300.0)
    interactions: tuple[InteractionSettings, ...] = setting("Interactions beyond the table of this release.", ())
    in_use: dict[InteractionIdText, bool] = setting(
        "Interactions of that table that this site retires (false), or goes on using after the table retired them "
        "(true), by id.",
        {},
    )
    services: tuple[ServiceSettings, ...] = setting("Addresses and SOAPActions beyond that table.", ())
    fhir: FhirSettings = setting("FHIR.", FhirSettings())
