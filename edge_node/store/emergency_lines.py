"""Lines of the access log about the review of an emergency access.

Knows: what such a line holds; by which ids it is found beside the lines of the access itself.
Must not know: the table of accesses, who may review one.
"""

from edge_node.model.emergency import Emergency
from edge_node.model.message import Direction
from edge_node.model.overview import By
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
    Situation,
    UserKind,
    UserPart,
)
from edge_node.store import log_line
from edge_node.store.log_line import PATIENT, Line
from edge_node.store.session import Session


def add(session: Session, of: Emergency, by: By, told: tuple[str, float, bytes | None]) -> None:
    """Add the line; `told` is what was done, when, and the hash of the patient."""
    code, now, patient = told
    line = log_line.of(_record(of, by, code, session.log.node, is_named=patient is not None), session.key)
    hashes = line.hashes if patient is None else {**line.hashes, PATIENT: patient}
    session.log.append(Line(line.open, line.sealed, hashes), now)


def _record(of: Emergency, by: By, code: str, node: str, *, is_named: bool) -> LogRecord:
    return LogRecord(
        event=EventPart(
            type=LogEvent.EMERGENCY,
            action=Action.UPDATE,
            result=Result.OK,
            code=code,
            direction=Direction(of.direction) if of.direction else None,
            interaction=of.interaction,
            situation=Situation.EMERGENCY,
            reason=by.why,
            details=(("emergency", str(of.id)),),
        ),
        user=UserPart(kind=UserKind.OPERATOR, name=by.who),
        access_point=AccessPoint(node=node, application=of.application, system=of.system),
        counterparty=Counterparty(application=of.counterparty),
        object=ObjectPart(is_named=is_named),
        correlation=Correlation(id=of.correlation),
    )
