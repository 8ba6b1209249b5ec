"""What is behind the listeners of a node that runs.

Knows: who answers local systems, who answers the switchboard, with which parts.
Must not know: which listeners there are, HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge_node.carrying import Carrying
from edge_node.flow.fhir import Kept
from edge_node.flow.fhir_answers import FhirAnswers
from edge_node.in_force import InForce
from edge_node.listening import Serving
from edge_node.machine import MachineChance
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Renewal
from edge_node.model.message import Direction
from edge_node.model.overview import Row
from edge_node.model.peer import LocalCaller
from edge_node.services import Services
from edge_node.status.api import LocalApi
from edge_node.status.figures_api import FiguresApi
from edge_node.store.store import Store
from edge_node.wire.fhir_http import FhirFront, Words
from edge_node.wire.http1 import Headers
from edge_node.wire.local_server import LocalHandler
from edge_node.wire.soap_http import Refusals
from edge_node.wire.switchboard_server import SwitchboardHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What answers are made with."""

    in_force: InForce
    store: Store
    carrying: Carrying
    services: Services
    chance: MachineChance
    now: Callable[[], datetime]


def serving(parts: Parts) -> Serving:
    """Return what the listeners serve."""
    carrying, in_force = parts.carrying, parts.in_force
    refusals, fhir = Refusals(carrying.answers.fault), FhirFront(FhirAnswers().unheard)
    local = LocalHandler(
        who=lambda head: in_force.wired.authenticator.who(head),
        receive=carrying.line.receivers[Direction.OUT].receive,
        api=_local_api(parts),
        refusals=refusals,
        fhir=fhir,
        new_correlation=lambda: parts.chance.hex(16),
    )
    switchboard = SwitchboardHandler(
        receive=carrying.line.receivers[Direction.IN].receive,
        refusals=refusals,
        fhir=fhir,
        new_correlation=lambda: parts.chance.hex(16),
    )
    return Serving(
        wired=lambda: in_force.wired,
        local=local,
        switchboard=switchboard,
        words=Words(refusals, fhir, carrying.tally.turned_away),
        budget=carrying.budget,
    )


def _local_api(parts: Parts) -> LocalApi:
    store, line, services = parts.store, parts.carrying.line, parts.services

    async def fhir_renewal(caller: LocalCaller, row: Row, headers: Headers) -> Renewal:
        payload = await store.payload(row.uid)
        kept = Kept(payload=payload, sender=ApplicationId(row.sender), caller=caller)
        return await line.fhir_renewal(headers, kept)

    return LocalApi(
        queue=store,
        renewals=store,
        read=line.readers.read,
        judge=line.judge_renewal,
        fhir_renewal=fhir_renewal,
        applications_of=parts.carrying.applications_of,
        wake=line.wake,
        advise=services.messenger.advise,
        rooms={
            "inbox": services.offering.api,
            "events": services.messenger.api,
            "tokens": parts.carrying.token_room,
            "figures": FiguresApi(book=store.checks, now=parts.now),
        },
    )
