"""The maker of transaction tokens: what it rests on is proven first, and what it made is judged like any other.

Knows: which certificate signs for whom, which part proves, writes, signs, judges and records, in which order.
Must not know: a rule, a format, sockets.

Nothing of a token is kept here. A certificate that cannot sign is the site's to mend, so what needs it may be tried
again; a mandate or an enrolment that gives no token is its sender's.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from edge_node.building import Wired
from edge_node.errors import EdgeNodeError, NotSent, Refused
from edge_node.formats.fhir_tokens import assertion
from edge_node.formats.token_making import written
from edge_node.formats.token_places import token_handed_in
from edge_node.judging import Aside, Judging, Proven, Work
from edge_node.line import Line
from edge_node.model.fhir import SamlTokens
from edge_node.model.finding import Severity
from edge_node.model.identifiers import Bsn, MessageId
from edge_node.model.interaction import Catalogue
from edge_node.model.keeping import Record
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Application, Site
from edge_node.model.token import (
    AskedToken,
    CardType,
    HandedTokens,
    MadeToken,
    ProvenToken,
    Revoked,
    TokenFacts,
    TokenKind,
    TokenLimits,
    TokenSubject,
    WantedToken,
)
from edge_node.policy.token_case import TokenCase
from edge_node.policy.token_proof import judge_tokens
from edge_node.status.token_api import TokenApi
from edge_node.wire.token_card import read_card
from edge_node.wire.token_signing import names_of, sign_token
from edge_node.wire.trust_identity import OwnIdentity

_log = structlog.get_logger()

#: What is wrong with the certificate that signs, in the words of its own purpose.
_CODES: Final = {"EN-TOKEN-CARD-EXPIRED": "EN-SIGNING-EXPIRED", "EN-TOKEN-CARD-NOT-YET": "EN-SIGNING-NOT-YET"}
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningParts:
    """What it is handed."""

    wired: Callable[[], Wired]
    judging: Judging
    record: Callable[[Record], Awaitable[None]]
    moment: Callable[[], datetime]
    chance: Callable[[int], str]  # random bytes, hexadecimal
    aside: Aside  # does work in a thread


def token_signer(
    wired: Callable[[], Wired],
    judging: Judging,
    record: Callable[[Record], Awaitable[None]],
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
        await self._record(wanted, made.id)
        digest = hashlib.sha256(made.id.encode()).hexdigest()
        self._tell(wanted, outcome="made", token=digest[:16], noted=noted)
        return made

    async def _made(self, wanted: WantedToken) -> tuple[MadeToken, tuple[str, ...]]:
        parts = self._parts
        own = self._own(wanted.handed.subject.application)
        work = parts.judging.work(wanted.handed)
        if own is None or work is None:
            raise NotSent("identities[].token_signing names no certificate", code="EN-SIGNING-NONE")
        chosen = parts.wired().settings.tokens
        job = _Job(
            work=work,
            own=own,
            wanted=wanted,
            limits=parts.judging.limits,
            id=f"_{parts.chance(_ID_BYTES)}",
            at=parts.moment().astimezone(UTC),
            before=timedelta(seconds=chosen.signed_before_s),
            lasts=timedelta(seconds=chosen.signed_lasts_s),
        )
        result: _Result = await parts.aside(job.run)
        parts.judging.remember(result.proven)
        return result.made, result.noted

    def _own(self, application: str) -> OwnIdentity | None:
        wired = self._parts.wired()
        for i, identity in enumerate(wired.settings.identities):
            if any(one.id == application for one in identity.applications):
                return wired.held.own.get(("identities", i, "token_signing"))
        return None

    async def _record(self, wanted: WantedToken, outcome: str) -> None:
        subject = wanted.handed.subject
        await self._parts.record(
            Record(
                direction=Direction.OUT,
                event="token",
                interaction=subject.interaction,
                message_id="" if subject.message is None else str(MessageId(*subject.message)),
                sender=subject.application,
                receiver=subject.zim,
                outcome=outcome,
                correlation=wanted.correlation,
                patient=None if subject.bsn is None else Bsn(subject.bsn),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What a thread brings back."""

    made: MadeToken
    proven: Proven
    noted: tuple[str, ...]  # codes of what is odd and stops nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is done in a thread: nothing of it touches what others use."""

    work: Work
    own: OwnIdentity
    wanted: WantedToken
    limits: TokenLimits
    id: str
    at: datetime
    before: timedelta
    lasts: timedelta

    def run(self) -> _Result:
        """Prove, write, sign, and judge all three. Raises `Refused`, `NotSent`."""
        self._check_own()
        beside = self.work.prove()
        mandate, enrolment = (_one(beside.tokens, kind) for kind in (TokenKind.MANDATE, TokenKind.ENROLMENT))
        facts = self._facts(mandate, enrolment)
        xml = sign_token(written(facts, names_of(self.own)), self.own)
        signed = token_handed_in(xml, TokenKind.TRANSACTION)
        assert signed is not None
        made = self.work.prove_these((signed,))
        # Ours is held to every rule that another's is: a fault here stops here.
        subject = replace(self.wanted.handed.subject, bsn=facts.bsn)
        tokens = (*made.tokens, *beside.tokens)
        case = TokenCase(subject=subject, tokens=tokens, limits=self.limits, at=self.work.now)
        findings = judge_tokens(case)
        for finding in findings:
            if finding.severity is Severity.BLOCK:
                raise Refused(finding.detail, code=finding.code)
        noted = tuple(dict.fromkeys(finding.code for finding in findings))
        return _Result(made=MadeToken(id=facts.id, ends=facts.ends, xml=xml), proven=beside, noted=noted)

    def _check_own(self) -> None:
        """The certificate must still count: the switchboard would refuse what it signs. Raises `NotSent`."""
        try:
            card = read_card(self.own.chain, self.work.trust, self.at)
        except Refused as error:
            raise NotSent(error.detail, code=_CODES.get(error.code, "EN-SIGNING-CHAIN")) from None
        if card.type is not CardType.SERVER:
            raise NotSent(f"{card.issuer} is no issuer of servers in tokens.issuers", code="EN-SIGNING-CHAIN")
        if card.revoked is Revoked.YES:
            raise NotSent(card.issuer, code="EN-SIGNING-REVOKED")
        if card.revoked is Revoked.UNKNOWN and self.limits.blocks_unchecked:
            raise NotSent(card.why, code="EN-SIGNING-UNCHECKED")

    def _facts(self, mandate: ProvenToken, enrolment: ProvenToken) -> TokenFacts:
        subject, rule = self.wanted.handed.subject, self.wanted.rule or mandate.rule
        if rule is None:
            raise Refused("neither the mandate nor who asks names a rule", code="EN-TOKEN-MANDATE-RULE")
        # A FHIR request need not name its patient; a message must.
        bsn = subject.bsn or (enrolment.bsns[0] if subject.message is None and len(enrolment.bsns) == 1 else None)
        if bsn is None:
            raise Refused("the message names no patient", code="EN-TOKEN-PATIENT")
        issued = self.at.replace(microsecond=0)
        return TokenFacts(
            id=self.id,
            ura=subject.own_ura,
            zim=subject.zim,
            application=subject.application,
            interaction=subject.interaction,
            message=subject.message,
            bsn=bsn,
            rule=rule,
            context=self.wanted.context,
            issued=issued,
            begins=issued - self.before,
            ends=issued + self.lasts,
        )


def _one(tokens: tuple[ProvenToken, ...], kind: TokenKind) -> ProvenToken:
    """The token of that kind, proven by a certificate that is known: a name alone proves nothing."""
    found = [token for token in tokens if token.kind is kind]
    if not found:
        raise Refused(f"no {kind} token, and the node signs for a mandate and an enrolment", code="EN-TOKEN-MISSING")
    if len(found) > 1:
        raise Refused(f"{len(found)} {kind} tokens", code="EN-TOKEN-DOUBLED")
    if found[0].card is None:
        raise Refused(
            f"the certificate of the {kind} token is only named, and not known here", code="EN-TOKEN-UNKNOWN"
        )
    return found[0]
