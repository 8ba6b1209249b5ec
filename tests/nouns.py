"""Nouns for tests: one good message, and what is changed about it."""

from dataclasses import replace
from typing import Any

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId, Ura
from edge_node.model.interaction import AttentionRule, Inbound, Interaction, Pattern, TrustLevel
from edge_node.model.message import (
    Acknowledgement,
    AuthorIds,
    Binding,
    Detail,
    Direction,
    Overseer,
    Patients,
    QueryAck,
    QueryParameters,
    Reading,
    Token,
    Wrapper,
)
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Application, Environment, Identity, Site, Timing
from edge_node.policy.case import Case

PATIENT = Bsn("999911120")
OTHER_PATIENT = Bsn("123456782")
PRACTICE = ApplicationId("900001")
PHARMACY = ApplicationId("900002")
ELSEWHERE = ApplicationId("900077")
ZIM = ApplicationId("1")
QUESTION_ID = MessageId("2.16.840.1.113883.2.4.6.6.900001", "1")
QUERY_ID = MessageId("2.16.840.1.113883.2.4.6.6.900001.1", "q1")


def a_row(**changes: Any) -> Interaction:
    row = Interaction(
        id=InteractionId("QUPC_IN990001NL"),
        meaning="query GP professional summary",
        group="E",
        pattern=Pattern.QUERY,
        level=TrustLevel.MIDDEN,
        direct=False,
        active=True,
        attention=AttentionRule.FREE,
        accept_ack="NE",
        answers=(InteractionId("QUPC_IN990002NL"), InteractionId("MCCI_IN200101")),
        trigger_event="QUPC_TE990001NL",
        fhir=False,
        keep=False,
        inbound=Inbound.RELAY,
        lifetime_s=86400,
        order="summary",
        priority=1,
        patient_at=("attention-line", "query"),
        duplicates=True,
        consent=True,
        service=None,
        soap_action=None,
    )
    return replace(row, **changes)


def a_push_row(**changes: Any) -> Interaction:
    push = {
        "id": InteractionId("REPC_IN990003NL"),
        "pattern": Pattern.PUSH,
        "direct": None,
        "trigger_event": "REPC_TE990003NL",
        "accept_ack": "AL",
        "answers": (InteractionId("MCCI_IN000002"),),
        "keep": True,
        "inbound": Inbound.KEEP,
        "order": "report",
    }
    return a_row(**{**push, **changes})


def an_overseer(**changes: Any) -> Overseer:
    return replace(Overseer(has_number=True, has_name=True, role="01.015", ura="90000001"), **changes)


def a_wrapper(**changes: Any) -> Wrapper:
    wrapper = Wrapper(
        interaction=InteractionId("QUPC_IN990001NL"),
        root_name="QUPC_IN990001NL",
        id=QUESTION_ID,
        creation_time="20261121120000",
        version_code="NICTIZEd2005-Okt",
        profile_id="810",
        processing_code="P",
        processing_mode_code="T",
        accept_ack_code="NE",
        receiver=ZIM,
        sender=PRACTICE,
        query_id=QUERY_ID,
        mood_code="EVN",
        author="person",
        author_ids=AuthorIds(uzi="900000101", role="01.015", ura="90000001"),
        overseers=(an_overseer(),),
        response_modality_code="B",
        query=QueryParameters(has_id=True, status_code="executing"),
    )
    return replace(wrapper, **changes)


def a_token(**changes: Any) -> Token:
    """A transaction token made for the message of `a_wrapper`."""
    bound = {
        "message_root": QUESTION_ID.root,
        "message_extension": QUESTION_ID.extension,
        "interaction": "QUPC_IN990001NL",
        "application": "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:900001",
        "subject": "900000101:01.015",
    }
    return Token(kind="saml", id="token-1", binding=Binding(**{**bound, **changes}))


def an_answer(**changes: Any) -> Wrapper:
    wrapper = a_wrapper(
        interaction=InteractionId("QUPC_IN990002NL"),
        root_name="QUPC_IN990002NL",
        id=MessageId("2.16.840.1.113883.2.4.6.6.1", "a1"),
        receiver=PRACTICE,
        sender=ZIM,
        acknowledgement=Acknowledgement(type_code="AA", target=QUESTION_ID),
        query_response_code="OK",
        author="device",
        author_ids=AuthorIds(application="1"),
        overseers=(),
        response_modality_code=None,
        query=None,
        query_ack=QueryAck(total=1, current=1, remaining=0),
        subjects=1,
    )
    return replace(wrapper, **changes)


def an_ack(type_code: str, *codes: str) -> Wrapper:
    details = tuple(Detail("E", code, "2.16.840.1.113883.5.1100") for code in codes)
    return an_answer(
        interaction=InteractionId("MCCI_IN000002"),
        root_name="MCCI_IN000002",
        acknowledgement=Acknowledgement(type_code=type_code, target=QUESTION_ID, details=details),
        query_id=None,
        query_ack=None,
        query_response_code=None,
        mood_code=None,
    )


def a_reading(wrapper: Wrapper | None = None, **changes: Any) -> Reading:
    reading = Reading(
        wrapper=wrapper or a_wrapper(),
        patients=Patients(found=(("attention-line", PATIENT),)),
        digest=b"d" * 32,
        tokens=(a_token(),),
    )
    return replace(reading, **changes)


def an_application(**changes: Any) -> Application:
    application = Application(
        id=PRACTICE,
        name="HIS",
        identity="practice",
        local_system="his",
        interactions=None,
        soap_base="http://127.0.0.1:1/",
        told_by=frozenset({"status"}),
    )
    return replace(application, **changes)


def a_site(**changes: Any) -> Site:
    applications = (an_application(), an_application(id=PHARMACY, identity="pharmacy", local_system="ais"))
    site = Site(
        node_id="node-1",
        environment=Environment.TEST,
        zim=ZIM,
        identities={
            "practice": Identity(
                name="practice", ura=Ura("90000001"), organisation="Praktijk Test", fqdn="practice.example"
            ),
            "pharmacy": Identity(
                name="pharmacy", ura=Ura("90000002"), organisation="Apotheek Test", fqdn="pharmacy.example"
            ),
        },
        applications={application.id: application for application in applications},
        timing=Timing(),
        processing_codes=frozenset({"P"}),
    )
    return replace(site, **changes)


def a_case(**changes: Any) -> Case:
    case = Case(
        direction=Direction.OUT,
        reading=a_reading(),
        path="HuisartsgegevensBatch",
        soap_action="urn:hl7-org:v3/HuisartsgegevensBatch_QueryResponse",
        row=a_row(),
        caller=LocalCaller(name="his", method="bearer"),
        site=a_site(),
    )
    return replace(case, **changes)
