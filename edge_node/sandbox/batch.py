"""How a simulated switchboard splits an indirect query into legs, and bundles what the sources answer.

Knows: the two id spaces of a batch (domain reference 3.5): legs have ids of the switchboard, an error made by it
answers the question itself, and queryId is the same in all.
Must not know: where the sources are, how a leg travels.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace

from lxml import etree

from edge_node.model.identifiers import MessageId
from edge_node.sandbox.reading import HL7, Seen, Unreadable, message_element, parse, read
from edge_node.sandbox.samples.kinds import BY_INTERACTION, CONTEXT_LEGS, Kind, Role
from edge_node.sandbox.samples.making import Maker, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One question to one source."""

    source: str
    kind: Kind
    id: MessageId
    path: str
    soap_action: str
    body: bytes = field(repr=False)


def leg_kinds(question: Seen, service: str) -> tuple[Kind, ...]:
    """Return what each source is asked: the same question, or the questions of its context; empty: not known."""
    known = BY_INTERACTION.get(question.interaction)
    if question.context is not None:
        return CONTEXT_LEGS.get(question.context, ())
    # The service of a source is that of the batch without its last word (domain reference 2.3).
    answer = known.answer if known else None
    leg = Kind(name="leg", interaction=question.interaction, domain="", role=Role.LEG, service=service, answer=answer)
    return (replace(leg, patid=known is not None and known.patid),)


def make_leg(maker: Maker, question: Seen, kind: Kind, source: str) -> Leg:
    """Return the question to one source, under an id of the switchboard, with a device as author."""
    skeleton = maker.leg(kind, receiver=source, context=question.context)
    root = parse(skeleton.body)
    parameters = question.element.find(f".//{{{HL7}}}queryByParameter")
    act = message_element(root).find(f"{{{HL7}}}ControlActProcess")
    if parameters is None or act is None:
        raise Unreadable("the query has no parameters")
    act.append(_real_time(parameters))
    _copy_patient_line(question, kind, message_element(root))
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Leg(source=source, kind=kind, id=skeleton.id, path=kind.service, soap_action=kind.soap_action, body=body)


def _copy_patient_line(question: Seen, kind: Kind, leg: etree._Element) -> None:
    line = question.element.find(f"{{{HL7}}}attentionLine") if kind.patid else None
    receiver = leg.find(f"{{{HL7}}}receiver")
    if line is not None and receiver is not None:
        receiver.addprevious(deepcopy(line))


def _real_time(parameters: etree._Element) -> etree._Element:
    copied = deepcopy(parameters)
    copied.tail = None
    for modality in copied.iter(f"{{{HL7}}}responseModalityCode"):
        modality.set("code", "R")
    return copied


def bundle(maker: Maker, question: Seen, answers: list[bytes]) -> bytes:
    """Return the batch with the answers in it, each a whole message with its own wrapper."""
    root = parse(maker.batch(question, Verdict(type_code="AA"), len(answers)))
    batch = message_element(root)
    for answer in answers:
        batch.append(message_element(parse(answer)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def belongs(leg: Leg, question: Seen, answer: bytes) -> bool:
    """Whether an answer may go into the batch: it is a message, and it answers this leg."""
    try:
        seen = read(answer)
    except Unreadable:
        return False
    return seen.target == leg.id and seen.query_id == question.query_id
