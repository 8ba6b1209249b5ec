"""FHIR, as the line speaks it.

Knows: which readers, rules and answers belong to this format, who speaks in a request that does not say so.
Must not know: where a request goes, whether it is kept.
"""

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_node.errors import NotSent, Refused
from edge_node.flow.fhir_answers import FhirAnswers
from edge_node.flow.fhir_hearing import FhirAsked
from edge_node.flow.ports import AccessTokens, Chance, TokenJudge, TokenSigner, Watch
from edge_node.flow.records import of_request
from edge_node.flow.soap_sending import rehearsed
from edge_node.flow.speech import Facts, Headers, Understood, Voice
from edge_node.flow.token_subjects import handed_with_fhir, wanted_for_fhir
from edge_node.flow.turns import AT_ONCE_BYTES, STEP_BYTES, Turns
from edge_node.flow.weighing import Weigher
from edge_node.flow.weighing import of_request as of_request_at_gate
from edge_node.formats.fhir_headers import (
    AORTA_ID,
    AORTA_VERSION,
    one_of_each,
    write_aorta_id,
    write_aorta_version,
)
from edge_node.formats.fhir_reading import FhirRequestReader
from edge_node.formats.fhir_rows import name_of, row_of, version_of
from edge_node.formats.fhir_saml import patients_of
from edge_node.formats.fhir_tokens import AUTHORIZATION, ENROLMENT, MANDATE, TRANSACTION, read_saml
from edge_node.model.exchange import Arrival, Reply
from edge_node.model.fhir import Action, AortaId, FhirCall, FhirReading, TokenMode
from edge_node.model.finding import Finding, Severity
from edge_node.model.identifiers import ApplicationId, MessageId
from edge_node.model.interaction import Catalogue, Inbound, Interaction
from edge_node.model.keeping import Entry, Renewal
from edge_node.model.message import Direction, Payload
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.model.site import Application, Site
from edge_node.model.standing import Passing
from edge_node.model.token import Judged, WantedToken
from edge_node.policy.acknowledgement import CodeClass
from edge_node.policy.fhir_answer import FhirQuestion
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.fhir_judgement import fhir_warnings, judge_fhir
from edge_node.policy.fhir_keeping import may_keep_fhir
from edge_node.policy.logged import Bearing, bearing_of
from edge_node.policy.ordering import INDEX

#: By which a local system with several applications says which one speaks.
APPLICATION: Final = "edge-node-application"
#: Headers with what a user signed; they end here.
HANDED_IN: Final = frozenset({TRANSACTION, MANDATE, ENROLMENT})
#: Root of ids that are UUIDs.
_UUIDS: Final = "2.25"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept request whose tokens are renewed, and who does so."""

    payload: Payload
    sender: ApplicationId
    caller: LocalCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSpeech:
    """Reads, judges and answers FHIR requests."""

    answers: FhirAnswers
    catalogue: Catalogue
    classes: Mapping[str, CodeClass]
    turns: Turns
    chance: Chance
    mark: Callable[[bytes], str]  # a short name of a content, which may be shown
    tokens: TokenJudge
    access: AccessTokens
    signer: TokenSigner
    watch: Watch
    weigher: Weigher

    async def understand(self, arrival: Arrival, site: Site) -> Understood:
        """Read and judge a request. Raises `Refused`."""
        reading = self._with_ids(await self._read(arrival.payload), arrival.direction)
        row = row_of(self.catalogue, reading.call, reading.aorta_version, reading.bundle)
        case = FhirCase(
            direction=arrival.direction,
            reading=reading,
            row=row,
            interaction=name_of(reading.call, reading.bundle) if row is None else str(row.id),
            caller=arrival.caller,
            site=site,
            application=_application(arrival, reading, site),
            supplied=arrival.beside.supplied,
        )
        wanted, passing = self._wanted(case), of_request_at_gate(case, is_emergency=arrival.beside.is_emergency)
        findings, judged = (*judge_fhir(case), *self._told(case, fhir_warnings(case), passing)), Judged()
        if not findings:
            judged = await self._judge_tokens(case, passing)
            findings = judged.findings or await self._judge_access(case, arrival)
        self.weigher.note(case, judged.tokens)
        return Understood(
            facts=self._facts(case, arrival, bearing_of(judged.tokens)),
            findings=findings or await rehearsed(self.signer, wanted),
            asked=None if row is None else replace(self._asked(row, reading, arrival.direction), wanted=wanted),
            voice=Voice(self.answers, case),
        )

    async def _judge_access(self, case: FhirCase, arrival: Arrival) -> tuple[Finding, ...]:
        """What comes in brings its own; the switchboard has proven itself already, so only what is false stops it."""
        if case.direction is Direction.OUT or case.application is None or case.reading.claims is None:
            return ()
        token = dict(arrival.payload.headers)[AUTHORIZATION].split()[-1]
        found = await self.access.judge(case.application.id, token)
        if found is None:
            return ()
        if found.severity is Severity.WARN:
            self.watch.warned(case.direction, found.code)
            return ()
        return (found,)

    @staticmethod
    def _wanted(case: FhirCase) -> WantedToken | None:
        if case.direction is Direction.IN:
            return None
        return wanted_for_fhir(case.reading, case.interaction, case.application, case.site)

    def unread(self, arrival: Arrival, error: Refused) -> Reply:
        """Tell the sender of what could not be read."""
        return self.answers.unread(arrival.payload, error)

    async def resume(self, entry: Entry, site: Site) -> FhirAsked:
        """Read a kept request again. Raises `NotSent`."""
        reading = await self._read(entry.payload)
        row = self.catalogue.get(str(entry.interaction))
        if row is None:
            raise NotSent(str(entry.interaction), code="EN-INTERACTION-UNKNOWN")
        asked = self._asked(row, reading, entry.direction)
        if entry.direction is Direction.IN:
            return asked
        application = site.applications.get(entry.sender)
        return replace(asked, wanted=wanted_for_fhir(reading, str(row.id), application, site))

    async def renewal(self, given: Headers, kept: Kept, site: Site) -> Renewal:
        """Judge a kept request with other tokens. Raises `Refused`."""
        tokens = tuple((name, value) for name, value in given if name in HANDED_IN)
        if not tokens:
            raise Refused(f"hand in {TRANSACTION}", code="EN-RENEWAL")
        rest = tuple((name, value) for name, value in kept.payload.headers if name not in HANDED_IN)
        payload = replace(kept.payload, headers=(*rest, *tokens))
        reading = await self._read(payload)
        row = row_of(self.catalogue, reading.call, reading.aorta_version, reading.bundle)
        case = FhirCase(
            direction=Direction.OUT,
            reading=reading,
            row=row,
            interaction=name_of(reading.call, reading.bundle) if row is None else str(row.id),
            caller=kept.caller,
            site=site,
            application=site.applications.get(kept.sender),
        )
        found = judge_fhir(case) or (await self._judge_tokens(case, of_request_at_gate(case))).findings
        for finding in found or await rehearsed(self.signer, self._wanted(case)):
            raise Refused(finding.detail, code=finding.code)
        # A body may name no patient: then only the first tokens say whom it is about.
        first = read_saml(one_of_each(kept.payload.headers))
        if first is not None and any(bsn != reading.patients.one for _, bsn in patients_of(first)):
            raise Refused("the tokens are of another patient than the first ones", code="EN-WRONG-PATIENT")
        return Renewal(digest=reading.digest, token=reading.token, body=None, headers=payload.headers)

    async def _judge_tokens(self, case: FhirCase, passing: Passing) -> Judged:
        """What blocks; what is odd about a token is counted."""
        handed = handed_with_fhir(case)
        if handed is None:
            return Judged()
        judged = await self.tokens.judge(handed)
        return replace(judged, findings=self._told(case, judged.findings, passing))

    def _told(self, case: FhirCase, findings: tuple[Finding, ...], passing: Passing) -> tuple[Finding, ...]:
        """Count what only warns, and return what blocks."""
        blocks, odd = self.weigher.part(findings, passing)
        for finding in odd:
            self.watch.warned(case.direction, finding.code)
        return blocks

    async def _read(self, payload: Payload) -> FhirReading:
        reader = FhirRequestReader(payload)
        if len(payload.body) <= AT_ONCE_BYTES:
            deque(reader.steps(AT_ONCE_BYTES), maxlen=0)
        else:
            await self.turns.work(reader.steps(STEP_BYTES))
        return reader.close()

    def _with_ids(self, reading: FhirReading, direction: Direction) -> FhirReading:
        """What goes out without ids gets some here; a CapabilityStatement is asked for without."""
        is_bare = reading.call.action is Action.CAPABILITIES
        if reading.aorta_id is not None or direction is Direction.IN or is_bare:
            return reading
        made = AortaId(initial_request=new_uuid(self.chance), request=new_uuid(self.chance))
        return replace(reading, aorta_id=made)

    def _asked(self, row: Interaction, reading: FhirReading, direction: Direction) -> FhirAsked:
        question = FhirQuestion(call=reading.call, patient=reading.patients.one)
        own_id = reading.aorta_id if direction is Direction.OUT else None
        return FhirAsked(question=question, row=row, classes=self.classes, turns=self.turns, own_id=own_id)

    def _facts(self, case: FhirCase, arrival: Arrival, bearing: Bearing) -> Facts:
        reading, row, application = case.reading, case.row, case.application
        ours = None if application is None else application.id
        is_out = case.direction is Direction.OUT
        in_exchange = case.token_mode is TokenMode.EXCHANGE
        order = "" if row is None else _order(row, reading.call)
        message_id = self._message_id(case)
        return Facts(
            direction=case.direction,
            site=case.site,
            row=row,
            application=application,
            interaction=case.interaction,
            message_id=message_id,
            request_id="" if reading.aorta_id is None else reading.aorta_id.request,
            sender=ours if is_out else case.site.zim,
            receiver=case.site.zim if is_out else ours,
            patients=reading.patients,
            digest=reading.digest,
            payload=_as_sent(case, arrival.payload),
            # An access token is of one attempt: only what it is exchanged for can be renewed.
            token=reading.token if in_exchange else b"",
            order=order,
            # By conditions instead of an id it could be of any kind of data: it replaces nothing that waits.
            supersedes=order if row is not None and row.is_removal and reading.call.id else None,
            may_keep=row is not None and application is not None and may_keep_fhir(row, reading, application),
            is_repeatable=row is not None and row.repeatable,
            log=of_request(case, arrival, bearing, str(message_id)),
        )

    def _message_id(self, case: FhirCase) -> MessageId:
        """The chain and what is done in it. What has no chain is never kept nor recognised: any id will do."""
        aorta_id = case.reading.aorta_id
        chain = new_uuid(self.chance) if aorta_id is None else aorta_id.initial_request
        name = f"{chain}/{case.interaction}"
        if case.direction is Direction.IN and case.application is not None:
            # One chain may come to several organisations behind this node: what one gets is no copy of another's.
            # So may several notifications of one kind: only what says the same is a copy.
            return MessageId(_UUIDS, f"{name}/{case.application.id}"[:111] + f"/{self.mark(case.reading.digest)}")
        return MessageId(_UUIDS, name[:128])


def new_uuid(chance: Chance) -> str:
    """A random UUID (version 4)."""
    return str(uuid.UUID(hex=chance.hex(16), version=4))


def _application(arrival: Arrival, reading: FhirReading, site: Site) -> Application | None:
    """Who speaks, or is spoken to: no request says so, but for a header of ours."""
    if isinstance(arrival.caller, SwitchboardCaller):
        here = (it for it in site.applications.values() if it.identity == arrival.caller.identity)
        return next((it for it in here if reading.call.version in it.fhir_bases), None)
    own = [it for it in site.applications.values() if it.local_system == arrival.caller.name]
    named = [value.strip() for name, value in arrival.payload.headers if name == APPLICATION]
    if named:
        return next((it for it in own if str(it.id) == named[0]), None)
    with_fhir = [it for it in own if it.fhir_bases or it.fhir_tokens is TokenMode.EXCHANGE]
    candidates = with_fhir or own
    return candidates[0] if len(candidates) == 1 else None


def _as_sent(case: FhirCase, payload: Payload) -> Payload:
    """The request as it goes on: named for this chain on the way out, as it came on the way in."""
    headers = dict(one_of_each(payload.headers))
    headers.pop(APPLICATION, None)
    row, aorta_id = case.row, case.reading.aorta_id
    if case.direction is Direction.OUT and aorta_id is not None:
        headers[AORTA_ID] = write_aorta_id(aorta_id)
        if row is not None and AORTA_VERSION not in headers:
            headers[AORTA_VERSION] = write_aorta_version(version_of(row))
    if case.direction is Direction.IN and row is not None and row.inbound is Inbound.KEEP:
        headers.pop(AUTHORIZATION, None)  # an access token is never stored
    return replace(payload, headers=tuple(headers.items()))


def _order(row: Interaction, call: FhirCall) -> str:
    """The ordering group. Each entry of the index has its own: the removal of one replaces no other."""
    if row.order != INDEX or call.id is None:
        return row.order
    return f"{INDEX}:{hashlib.sha256(f'{call.resource}/{call.id}'.encode()).hexdigest()[:32]}"
