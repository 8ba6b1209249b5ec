"""Proven tokens that agree with each other, to be made to disagree in one thing.

Knows: a doctor, his practice, a patient, and what their tokens say.
Must not know: any rule.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edge_node.model.message import AuthorIds, Binding
from edge_node.model.token import Card, CardType, ProvenToken, TokenKind, TokenLimits, TokenSubject
from edge_node.policy.token_case import TokenCase, TokenRule

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OURS, DOCTOR, PATIENT, OTHER_PATIENT = "90000101", "900000101", "999900006", "999900018"
_APPLICATION = "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:80000001"

CARD = Card(
    type=CardType.PROFESSIONAL,
    letter="Z",
    oid_ca="2.16.528.1.1003.1.3.5.5.2",
    expected_oid_ca=None,
    number=DOCTOR,
    role="01.015",
    ura=OURS,
    issuer="Test CA",
    issuer_name="CN=Test CA",
    serial=5,
    not_before=NOW - timedelta(days=365),
    not_after=NOW + timedelta(days=365),
    signs=True,
    commits=True,
)
SERVER = replace(CARD, type=CardType.SERVER, letter="S", number="", role="00.000")
ZORG_ID = replace(CARD, type=CardType.ZORG_ID)
SUBJECT = TokenSubject(
    interaction="QURX_IN990011NL",
    message=("2.16.840.1.99", "1"),
    application="80000001",
    own_ura=OURS,
    zim="1",
    bsn=PATIENT,
    author=AuthorIds(uzi=DOCTOR, role="01.015", ura=OURS),
)
BINDING = Binding(
    message_root="2.16.840.1.99",
    message_extension="1",
    interaction="QURX_IN990011NL",
    application=_APPLICATION,
    subject=f"{DOCTOR}:01.015",
    issuer=f"urn:IIroot:2.16.528.1.1007.3.3:IIext:{OURS}",
)


def window(begins: timedelta = timedelta(minutes=-1), lasts: timedelta = timedelta(minutes=5)) -> dict[str, str]:
    """From when until when a token counts."""
    starts = NOW + begins
    return {"not_before": starts.isoformat(), "not_after": (starts + lasts).isoformat()}


def transaction(**changes: Any) -> ProvenToken:
    """What a doctor signed, for one message."""
    usual = {"subject": f"{DOCTOR}:01.015", "binding": BINDING, "rule": "rule", "bsns": (PATIENT,), "card": CARD}
    return ProvenToken(kind=TokenKind.TRANSACTION, id="_t", **{**window(), **usual, **changes})


def older(**changes: Any) -> ProvenToken:
    """The older token, which names nobody."""
    usual = {
        "bsns": (PATIENT,),
        "card": CARD,
        "binding": Binding(message_root="2.16.840.1.99", message_extension="1"),
    }
    return ProvenToken(kind=TokenKind.AORTA_805, id="_o", **{**window(), **usual, **changes})


def mandate(**changes: Any) -> ProvenToken:
    """What a doctor lets his practice do."""
    usual = {"issuer": DOCTOR, "subject": OURS, "rule": "rule", "card": CARD}
    return ProvenToken(kind=TokenKind.MANDATE, id="_m", **{**window(), **usual, **changes})


def enrolment(**changes: Any) -> ProvenToken:
    """A patient at this practice."""
    usual = {"issuer": OURS, "subject": PATIENT, "bsns": (PATIENT,), "card": CARD}
    return ProvenToken(kind=TokenKind.ENROLMENT, id="_e", **{**window(), **usual, **changes})


def told(rule: TokenRule, *tokens: ProvenToken, at: datetime | None = NOW, **subject: Any) -> list[str]:
    """The codes of what a rule finds."""
    case = TokenCase(subject=replace(SUBJECT, **subject), tokens=tokens, limits=TokenLimits(), at=at)
    return [finding.code for finding in rule(case)]
