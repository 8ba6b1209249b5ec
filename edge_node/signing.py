"""The maker of transaction tokens: what it rests on is proven first, and what it made is judged like any other.

Knows: which certificate signs for whom, which part proves, writes, signs, judges and records, in which order.
Must not know: a rule, a format, sockets.

Nothing of a token is kept here. A certificate that cannot sign is the site's to mend, so what needs it may be tried
again; a mandate or an enrolment that gives no token is its sender's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from edge_node.building import Wired
from edge_node.errors import EdgeNodeError, NotSent, Refused
from edge_node.formats.fhir_tokens import assertion
from edge_node.judging import Aside, Judging
from edge_node.line import Line
from edge_node.model.fhir import SamlTokens
from edge_node.model.identifiers import MessageId
from edge_node.model.interaction import Catalogue
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    UserKind,
    UserPart,
)
from edge_node.model.record_ends import result_of
from edge_node.model.site import Application, Site
from edge_node.model.token import (
    AskedToken,
    HandedTokens,
    MadeToken,
    TokenSubject,
    WantedToken,
)
from edge_node.policy.logged import digest_of, named, open_text
from edge_node.signing_work import Made, SigningWork
from edge_node.status.token_api import TokenApi
from edge_node.wire.trust_identity import OwnIdentity

_log = structlog.get_logger()

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningParts:
    """What it is handed."""

    wired: Callable[[], Wired]
    judging: Judging
    record: Callable[[LogRecord], Awaitable[None]]
    moment: Callable[[], datetime]
    chance: Callable[[int], str]  # random bytes, hexadecimal
    aside: Aside  # does work in a thread


def token_signer(
    wired: Callable[[], Wired],
    judging: Judging,
    record: Callable[[LogRecord], Awaitable[None]],
    tools: tuple[Callable[[], datetime], Callable[[int], str], Aside],
) -> "Signing":
    """The maker of a running node; `tools` say what time it is, give chance, and do work in a thread."""
    moment, chance, aside = tools
    return Signing(
        SigningParts(wired=wired, judging=judging, record=record, moment=moment, chance=chance, aside=aside)
    )


def token_room(signing: "Signing", line: Line, chance: Callable[[int], str]) -> TokenApi:
    """The room of the local API for tokens."""
    desk = SigningDesk(signing=signing, site=lambda: line.site, catalogue=line.catalogue)
    return TokenApi(make=desk.make, new_correlation=lambda: chance(16))


class Signing:
    """Makes transaction tokens in the name of the organisations of a site."""

    def __init__(self, parts: SigningParts) -> None:
        self._parts = parts

    async def rehearse(self, wanted: WantedToken) -> None:
        """See that it can be made. Raises `Refused`, `NotSent`."""
        await self._made(wanted)

    async def make(self, wanted: WantedToken) -> MadeToken:
        """Return a new one, once that is recorded. Raises `Refused`, `NotSent`, `StoreUnavailable`."""
        try:
            made, noted = await self._made(wanted)
        except EdgeNodeError as error:
            await self._record(wanted, error.code)
            self._tell(wanted, outcome=error.code, detail=error.detail)
            raise
        await self._record(wanted, "made", made.id)
        self._tell(wanted, outcome="made", token=digest_of(made.id), noted=noted)
        return made

    async def _made(self, wanted: WantedToken) -> tuple[MadeToken, tuple[str, ...]]:
        parts = self._parts
        own = self._own(wanted.handed.subject.application)
        work = parts.judging.work(wanted.handed)
        if own is None or work is None:
            raise NotSent("identities[].token_signing names no certificate", code="EN-SIGNING-NONE")
        chosen = parts.wired().settings.tokens
        job = SigningWork(
            work=work,
            own=own,
            wanted=wanted,
            limits=parts.judging.limits,
            id=f"_{parts.chance(_ID_BYTES)}",
            at=parts.moment().astimezone(UTC),
            before=timedelta(seconds=chosen.signed_before_s),
            lasts=timedelta(seconds=chosen.signed_lasts_s),
        )
        result: Made = await parts.aside(job.run)
        parts.judging.remember(result.proven)
        return result.made, result.noted

    def _own(self, application: str) -> OwnIdentity | None:
        wired = self._parts.wired()
        for i, identity in enumerate(wired.settings.identities):
            if any(one.id == application for one in identity.applications):
                return wired.held.own.get(("identities", i, "token_signing"))
        return None

    async def _record(self, wanted: WantedToken, code: str, token: str = "") -> None:
        subject = wanted.handed.subject
        bsn = subject.bsn or ""
        await self._parts.record(
            LogRecord(
                event=EventPart(
                    type=LogEvent.SIGNING,
                    action=Action.CREATE,
                    result=Result.OK if token else result_of(code),
                    code=code,
                    direction=Direction.OUT,
                    interaction=subject.interaction,
                    rule=open_text(wanted.rule or ""),
                ),
                user=UserPart(kind=UserKind.DEVICE, ura=subject.own_ura),
                access_point=AccessPoint(node="", application=subject.application, system=wanted.asker),
                counterparty=Counterparty(application=subject.zim),
                object=ObjectPart(patient=bsn, is_named=bool(bsn)),
                correlation=Correlation(
                    id=wanted.correlation,
                    message="" if subject.message is None else str(MessageId(*subject.message)),
                    tokens=(named("transaction", token),) if token else (),
                ),
            )
        )

    def _tell(self, wanted: WantedToken, **more: object) -> None:
        subject = wanted.handed.subject
        _log.info(
            "token.signed",
            asker=wanted.asker,
            application=subject.application,
            interaction=subject.interaction,
            correlation=wanted.correlation,
            **more,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningDesk:
    """Takes what a local system asks for at the local API."""

    signing: Signing
    site: Callable[[], Site]
    catalogue: Catalogue

    async def make(self, caller: LocalCaller, asked: AskedToken, correlation: str) -> MadeToken:
        """Return the token. Raises `Refused`, `NotSent`, `StoreUnavailable`."""
        site = self.site()
        application = site.applications.get(asked.application)
        if application is None or application.local_system != caller.name:
            raise Refused(f"application {asked.application} is not one of yours", code="EN-SENDER-FOREIGN")
        self._check_interaction(asked, application)
        return await self.signing.make(_wanted(asked, application, site, correlation))

    def _check_interaction(self, asked: AskedToken, application: Application) -> None:
        name = str(asked.interaction)
        row = self.catalogue.get(name)
        if row is None:
            raise Refused(name, code="EN-INTERACTION-UNKNOWN")
        if not row.active:
            raise Refused(name, code="EN-INTERACTION-INACTIVE")
        if application.interactions is not None and name not in application.interactions:
            raise Refused(name, code="EN-INTERACTION-UNQUALIFIED")
        if row.fhir != (asked.message is None):
            raise Refused("message_id is of HL7v3 messages, and of each", code="EN-REQUEST")


def _wanted(asked: AskedToken, application: Application, site: Site, correlation: str) -> WantedToken:
    for name, text in (("mandate_token", asked.mandate), ("enrolment_token", asked.enrolment)):
        try:
            assertion(name, text)
        except Refused as error:
            raise Refused(error.detail, code="EN-REQUEST") from error
    subject = TokenSubject(
        interaction=str(asked.interaction),
        message=None if asked.message is None else (asked.message.root, asked.message.extension),
        application=str(asked.application),
        own_ura=site.identities[application.identity].ura.value,
        zim=str(site.zim),
        bsn=asked.bsn.value,
    )
    saml = SamlTokens(transaction=None, mandate=asked.mandate, enrolment=asked.enrolment)
    return WantedToken(
        handed=HandedTokens(subject=subject, saml=saml),
        context=asked.context,
        rule=asked.rule,
        asker=application.local_system,
        correlation=correlation,
    )
