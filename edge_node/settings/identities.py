"""The organisations of a site with their applications, as an operator writes them.

Knows: the keys under `identities`.
Must not know: certificates' content, or how a message is routed.
"""

from typing import Annotated, Any, Literal

from annotated_types import MinLen
from pydantic import BeforeValidator, Field

from edge_node.settings.alerts import MailAddress, WebhookSettings
from edge_node.settings.values import (
    ApplicationIdText,
    FileReference,
    HostName,
    InteractionIdText,
    KeyReference,
    Name,
    Seconds,
    Section,
    Text,
    UraText,
    WebAddress,
    setting,
)


def _all_is_none(written: Any) -> Any:
    return None if written == "all" else written


Interactions = Annotated[
    Annotated[tuple[InteractionIdText, ...], MinLen(1)] | None,
    BeforeValidator(_all_is_none, json_schema_input_type=Literal["all"] | tuple[InteractionIdText, ...] | None),
]
ToldBy = Literal["status", "inbox", "webhook", "mail"]


class ApplicationSettings(Section):
    """One application with an AORTA application id of its own."""

    id: ApplicationIdText = setting("AORTA application id, in quotes.")
    name: Text = setting("What staff call this application.")
    product: Text | None = setting("Product name of the local system (XIS), as it was qualified.", None)
    version: Text | None = setting(
        "Version of the product that was qualified, in quotes; the check xis-version-qualified holds the version "
        "that the local system tells (product_version) against it.",
        None,
    )
    local_system: Name = setting("Name of the local system under local.systems that may use this id.")
    interactions: Interactions = setting(
        "Interactions this application is qualified for; all: every active one.", None
    )
    soap_base: WebAddress | None = setting(
        "Address of the local system's own SOAP services; the service name is put behind it. "
        "Without it nothing can be handed to this application over SOAP; what is kept waits in its inbox.",
        None,
    )
    soap_anchors: FileReference | None = setting(
        "PEM file with the authorities that may have issued the local system's certificate; needed for https.", None
    )
    fhir_bases: dict[Annotated[str, Field(pattern=r"^(STU3|R4|R5)$")], WebAddress] = setting(
        "Address of the local system's FHIR services, per FHIR version.", {}
    )
    fhir_anchors: FileReference | None = setting(
        "PEM file with the authorities that may have issued those services' certificate; null: soap_anchors.",
        None,
    )
    fhir_tokens: Literal["own", "exchange"] = setting(
        "Whose access tokens its FHIR requests carry: own, those that the local system brings; exchange, those that "
        "the node gets for the SAML tokens that the local system hands in.",
        "own",
    )
    delivery: Literal["push", "inbox"] = setting(
        "How it gets what comes in for it and is kept: push, the node hands it over; inbox, the local system fetches "
        "it, and the node never pushes. With push too what waits may be fetched.",
        "push",
    )
    server_signed: tuple[InteractionIdText, ...] = setting(
        "Interactions that its local system sends with a mandate and an enrolment token only: the node makes the "
        "transaction token, anew for each attempt. Needs token_signing of its organisation.",
        (),
    )
    renews_tokens: bool = setting(
        "Whether the local system signs again and hands in the same message id when a token was used or has ended.",
        False,
    )
    told_by: tuple[ToldBy, ...] = setting(
        "How the local system learns what became of a kept message. Empty: no push of it is ever answered with "
        "“kept”.",
        (),
    )
    webhook: WebhookSettings | None = setting("Where it is called, when told_by has webhook.", None)
    mail_to: tuple[MailAddress, ...] = setting(
        "Addresses of those who work with it, when told_by has mail; alerts.mail says which server takes it.", ()
    )
    gives_up_after_push_s: Seconds = setting("Seconds after which the local system stops waiting on a push.", 30.0)
    gives_up_after_query_s: Seconds = setting("Seconds after which the local system stops waiting on a query.", 75.0)

    @property
    def fhir_anchors_key(self) -> str:
        """The setting whose file judges the certificate of its FHIR services."""
        return "soap_anchors" if self.fhir_anchors is None else "fhir_anchors"


class TokenSigningSettings(Section):
    """The certificate that signs transaction tokens in the name of an organisation, where no person does.

    Another purpose takes another certificate: that of TLS is never used unless it is named here as well.
    """

    certificate: FileReference = setting("PEM file with a UZI server certificate, followed by its whole chain.")
    key: KeyReference = setting(
        "PEM file with its private key, which must be RSA, credential:NAME, or sealed:NAME for one that the node "
        "made itself."
    )
    key_passphrase: FileReference | None = setting(
        "File with the passphrase of that key, or credential:NAME; null: it has none.", None
    )


class IdentitySettings(Section):
    """One organisation with its own certificate."""

    name: Name = setting("Short name of this organisation in these settings and in logs.")
    ura: UraText = setting("URA (UZI subscriber number), eight digits, in quotes.")
    organisation: Text = setting("Name of the organisation as it stands in its certificate.")
    certificate: FileReference = setting("PEM file with the certificate, followed by its whole chain.")
    key: KeyReference = setting(
        "PEM file with the private key, credential:NAME, or sealed:NAME for one that the node made itself."
    )
    key_passphrase: FileReference | None = setting(
        "File with the passphrase of that key, or credential:NAME; null: it has none.", None
    )
    fqdn: HostName = setting("Host name in the certificate under which the switchboard reaches this organisation.")
    token_signing: TokenSigningSettings | None = setting(
        "What signs transaction tokens that rest on a mandate and an enrolment; null: none are made.", None
    )
    applications: Annotated[tuple[ApplicationSettings, ...], MinLen(1)] = setting("The applications, at least one.")
