"""What judging costs, beside reading the bare wrapper of the same message.

Knows: which messages are typical, what is bare of them, how both are timed.
Must not know: any rule.

Judged is all that a message meets but the proof of its signatures: every rule of its direction, what is odd and
what blocks, and the weight that each finding has at this site. Bare is the least that could be read of a message at
all: of HL7v3 its transmission wrapper, without SOAP, header, control act and payload; of FHIR address and headers,
without token and body. The site is that of the sandbox; the local system says all that it may say beside a message.
"""

import base64
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_node.choosing import read_settings
from edge_node.flow import weighing
from edge_node.formats import interactions
from edge_node.formats.fhir_reading import read_fhir
from edge_node.formats.fhir_rows import row_of
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import MessageReader, read_message
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Catalogue
from edge_node.model.message import Direction, Format, Payload, Reading
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Site
from edge_node.model.supplied import Consent, Supplied
from edge_node.policy.case import Case
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.fhir_judgement import fhir_warnings, judge_fhir
from edge_node.policy.judgement import judge, warnings
from edge_node.sandbox.pki import make_pki
from edge_node.sandbox.ports import free_ports
from edge_node.sandbox.samples.fhir import FhirMaker, fhir_kinds
from edge_node.sandbox.samples.making import Maker, Sample
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, Party, patient
from edge_node.sandbox.site import AIS, HIS, LocalParty, Ports, write_site
from edge_node.settings.site import catalogue, site

#: A question with a token, a push that is kept, one that a person signed, one that the switchboard answers at once.
HL7V3: Final = ("summary-query", "prescription", "locum-report", "index-update")
FHIR: Final = ("fhir-search-medicationrequest", "fhir-create-task", "fhir-update-documentmanifest-2")
_TIMES: Final = 500
_BODY: Final = re.compile(r"<(?:\w+:)?Body[^>]*>\s*(.*)</(?:\w+:)?Body>", re.DOTALL)
_ACT: Final = "<ControlActProcess"
_SAID: Final = Supplied(
    session_age_s=600.0,
    session_idle_s=5.0,
    card_out_s=0.0,
    bsn_verified=True,
    identity_checked=True,
    consent=Consent.YES,
    relation=True,
    is_temporary=False,
)
Work = Callable[[], object]


@dataclass(slots=True)
class Ruled:
    """Microseconds of processor time for one message, of each round, by kind of message."""

    rules_us: dict[str, list[float]] = field(default_factory=dict)
    bare_us: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a message is judged by."""

    site: Site
    table: Catalogue
    weigher: weighing.Weigher = field(default_factory=weighing.Weigher)


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Ruled:
    """Judge and read each in turn."""
    ground, ruled = ground_of(folder), Ruled()
    works = {name: _message(name, ground) for name in HL7V3} | {name: _request(name, ground) for name in FHIR}
    for turn in range(rounds):
        for name, (rules, bare) in works.items():
            ruled.rules_us.setdefault(name, []).append(_each_us(rules))
            ruled.bare_us.setdefault(name, []).append(_each_us(bare))
        say(f"rules: round {turn + 1} of {rounds}")
    return ruled


def _each_us(work: Work) -> float:
    began = time.process_time()
    for _ in range(_TIMES):
        work()
    return (time.process_time() - began) * 1e6 / _TIMES


def ground_of(folder: Path) -> Ground:
    """Return the site of the sandbox."""
    folder.mkdir(parents=True, exist_ok=True)
    pki = make_pki(folder / "pki", now=datetime.now(UTC), bad=False)
    names = [one.name for one in fields(Ports)]
    ports = Ports(**dict(zip(names, free_ports(len(names)), strict=True)))
    settings = read_settings([write_site(folder, pki, ports)]).settings
    return Ground(site=site(settings), table=catalogue(settings, interactions.load()))


def _message(name: str, ground: Ground) -> tuple[Work, Work]:
    """How an HL7v3 message is judged, and how its wrapper is read."""
    sample = sample_of(name)
    reading = read_message(sample.body, limits=XmlLimits(), patient_at=lambda it: ground.table[it].patient_at)

    def rules() -> bool:
        case = case_of(sample, reading, ground)
        passing = weighing.of_message(case)
        stops, _ = ground.weigher.part(warnings(case), passing)
        return not (*judge(case), *stops)

    assert rules(), name  # what is refused early is no measure
    return rules, _wrapper_of(sample.body)


def sample_of(name: str) -> Sample:
    """Return an HL7v3 message of that kind."""
    maker = Maker(PRACTICE, zim="1", now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    return maker.request(name, receiver=_receiver(name), patient=patient(1))


def case_of(sample: Sample, reading: Reading, ground: Ground) -> Case:
    """What is judged, or logged, of a message that was read."""
    return Case(
        direction=Direction.OUT,
        reading=reading,
        path=sample.kind.service,
        soap_action=sample.kind.soap_action,
        row=ground.table.get(str(reading.wrapper.interaction)),
        caller=_caller(HIS),
        site=ground.site,
        supplied=_SAID,
    )


def _receiver(name: str) -> str:
    return "1" if name == "index-update" else PHARMACY.application


def _wrapper_of(body: bytes) -> Work:
    found = _BODY.search(body.decode())
    assert found is not None
    message = found[1]
    # Up to where the control act begins: then it is known to be whole.
    bare = f"{message[: message.index(_ACT)]}{_ACT}>".encode()

    def read() -> object:
        reader = MessageReader(limits=XmlLimits(), patient_at=lambda _: ())
        reader.feed(bare)
        return reader.wrapper

    assert read() is not None
    return read


def _request(name: str, ground: Ground) -> tuple[Work, Work]:
    """How a FHIR request is judged, and how its address and headers are read."""
    maker = FhirMaker(PHARMACY, now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    sample = maker.request(fhir_kinds()[name], patient(1), to=PRACTICE)
    bare = _payload(sample.target, sample.method, sample.media_type, sample.headers)
    whole = replace(bare, body=sample.body, headers=(*bare.headers, ("authorization", _bearer(PHARMACY))))
    reading = read_fhir(whole)
    row = row_of(ground.table, reading.call, reading.aorta_version, reading.bundle)
    assert row is not None

    def rules() -> bool:
        case = FhirCase(
            direction=Direction.OUT,
            reading=reading,
            row=row,
            interaction=str(row.id),
            caller=_caller(AIS),
            site=ground.site,
            application=ground.site.applications[ApplicationId(PHARMACY.application)],
            supplied=_SAID,
        )
        passing = weighing.of_request(case)
        stops, _ = ground.weigher.part(fhir_warnings(case), passing)
        return not (*judge_fhir(case), *stops)

    assert rules(), name
    return rules, lambda: read_fhir(bare)


def _payload(target: str, method: str, media_type: str, headers: Mapping[str, str]) -> Payload:
    return Payload(
        path=target.removeprefix("/"),
        soap_action="",
        body=b"",
        content_type=media_type,
        format=Format.FHIR,
        method=method,
        headers=tuple(headers.items()),
    )


def _bearer(party: Party) -> str:
    """An access token as a system brings its own; on the way out only the other side proves it."""
    header = {"alg": "RS256", "typ": "aorta-at+JWT"}
    claims = {
        "jti": secrets.token_hex(8),
        "iss": "https://as.example",
        "sub": party.application,
        "bsn": patient(1).bsn,
    }
    parts = (base64.urlsafe_b64encode(json.dumps(it).encode()).decode().rstrip("=") for it in (header, claims))
    return f"Bearer {'.'.join(parts)}.c2lnbmVk"


def _caller(of: LocalParty) -> LocalCaller:
    return LocalCaller(name=of.name, method="bearer")
