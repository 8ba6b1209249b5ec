"""The local side: where local systems reach the node, who they are, and what they may cost.

Knows: the keys under `local`.
Must not know: how a credential is checked, or how a socket is opened.
"""

import ipaddress
import re
from typing import Annotated, Self

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, Field, model_validator

from edge_node.settings.inbox import InboxSettings
from edge_node.settings.limits import ConnectionLimits
from edge_node.settings.values import (
    AbsolutePath,
    Bytes,
    Count,
    FileReference,
    IpAddress,
    KeyReference,
    ListenPort,
    Name,
    Seconds,
    Section,
    Text,
    setting,
)


def _fingerprint(text: str) -> str:
    plain = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise ValueError("is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")
    return plain


Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
SocketMode = Annotated[str, Field(pattern=r"^0[0-7]{3}$")]


class ListenerTls(Section):
    """TLS of one local listener."""

    certificate: FileReference = setting("PEM file with the certificate, followed by its whole chain.")
    key: KeyReference = setting(
        "PEM file with the private key, credential:NAME, or sealed:NAME for one that the node made itself."
    )
    key_passphrase: FileReference | None = setting(
        "File with the passphrase of that key, or credential:NAME; null: it has none.", None
    )
    client_anchors: FileReference | None = setting(
        "PEM file with the authorities that issue client certificates of local systems; without it none is asked.",
        None,
    )


class Listener(Section):
    """One place where local systems reach the node: host and port, or a Unix socket."""

    host: IpAddress | None = setting("Address to listen on; beyond loopback only with tls.", None)
    port: ListenPort | None = setting("TCP port; 0 lets the system choose one.", None)
    unix_path: AbsolutePath | None = setting("Path of a Unix socket, instead of host and port.", None)
    mode: SocketMode = setting("Permissions of the Unix socket, octal, in quotes.", "0660")
    tls: ListenerTls | None = setting("TLS of this listener.", None)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.host is None) != (self.port is None):
            raise ValueError("needs both host and port")
        if (self.host is None) == (self.unix_path is None):
            raise ValueError("needs either host and port, or unix_path")
        if self.host and not ipaddress.ip_address(self.host).is_loopback and self.tls is None:
            raise ValueError("listens beyond loopback without tls; give it certificate and key, or use 127.0.0.1")
        if self.unix_path and self.tls is not None:
            raise ValueError("a Unix socket takes no tls")
        return self


class BasicCredential(Section):
    """HTTP basic authentication of one local system."""

    user: Annotated[Text, Field(pattern=r"^[^:]+$")] = setting("User name.")
    password_file: FileReference = setting(
        "File with the password or its scrypt hash, or credential:NAME; never the password itself."
    )


class LocalSystem(Section):
    """One local system with everything by which it can prove who it is; at least one form."""

    name: Name = setting("Short name of the local system in these settings and in logs.")
    certificate_fingerprints: tuple[Fingerprint, ...] = setting(
        "SHA-256 fingerprints of its client certificates (a tls listener with client_anchors).", ()
    )
    certificate_subjects: tuple[Text, ...] = setting(
        "Subjects (RFC 4514, as edge-node prints them) of its client certificates.", ()
    )
    unix_uids: tuple[Annotated[int, Ge(0), Le(2**32 - 2)], ...] = setting(
        "Numbers of the users under which it runs on this machine (Unix socket).", ()
    )
    unix_users: tuple[Text, ...] = setting("Names of such users.", ())
    bearer_token_files: tuple[FileReference, ...] = setting(
        "Files with a bearer token or its SHA-256 hash, or credential:NAME; two while one is being replaced.", ()
    )
    basic: BasicCredential | None = setting("User and password.", None)
    address_key_files: tuple[FileReference, ...] = setting(
        "Files with the SHA-256 hash of a key in the address (/k/<key>/<Service>), for a system that can only "
        "change its address.",
        (),
    )

    @model_validator(mode="after")
    def _has_credential(self) -> Self:
        forms = (
            self.certificate_fingerprints,
            self.certificate_subjects,
            self.unix_uids,
            self.unix_users,
            self.bearer_token_files,
            self.basic,
            self.address_key_files,
        )
        if not any(forms):
            raise ValueError("has no credential; authentication is always on, so give it at least one form")
        return self


class EventSettings(Section):
    """Local systems that wait at /v1/events for what there is to tell."""

    max_wait_s: Seconds = setting("Seconds a request may wait for news.", 50.0)
    pollers: Count = setting("Requests of one local system that may wait at once.", 16)


class LocalSettings(Section):
    """The listeners, the local systems, and the limits on both."""

    listeners: Annotated[tuple[Listener, ...], MinLen(1)] = setting("Where local systems reach the node.")
    systems: Annotated[tuple[LocalSystem, ...], MinLen(1)] = setting("The local systems.")
    kept_detail: bool = setting("Add the warning RTWDEST to the acknowledgement that says “kept”.", False)
    max_body_bytes: Bytes = setting("Largest message accepted from either side, in bytes.", 10 * 1024 * 1024)
    max_inflight_bytes: Bytes = setting(
        "All bodies in memory together, in bytes; beyond it sockets are not read.", 64 * 1024 * 1024
    )
    limits: ConnectionLimits = setting("What the connections of a listener may take.", ConnectionLimits())
    inbox: InboxSettings = setting("What local systems may ask of their inbox.", InboxSettings())
    pool_connections: Count = setting("Connections the node keeps to one local system at most.", 8)
    pool_idle_s: Seconds = setting("Seconds an unused connection to a local system is kept.", 60.0)
    connect_s: Seconds = setting("Seconds to connect to a local system.", 5.0)
    look_interval_s: Seconds | None = setting(
        "Seconds between two looks whether a local system that messages are handed to is there, where no message "
        "showed it: a connection that asks nothing; null: none.",
        30.0,
    )
    events: EventSettings = setting("Waiting for news at /v1/events.", EventSettings())

    @model_validator(mode="after")
    def _body_fits(self) -> Self:
        if self.max_body_bytes > self.max_inflight_bytes:
            raise ValueError("max_body_bytes is larger than max_inflight_bytes, so the largest message never fits")
        return self
