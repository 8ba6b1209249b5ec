"""What a far end may do with a message.

Knows: answers of every kind, good and bad, made by the sandbox.
Must not know: sockets, the node.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from edge_node.sandbox.samples.kinds import BY_INTERACTION
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import PRACTICE, Patient, Person, party_of, patient
from edge_node.sandbox.signing import Hand, hands_of
from tests.stories import certificates
from tests.stories.far_end import Move, Turn


def now() -> datetime:
    return datetime.now(UTC)


def chance(count: int) -> str:
    """Random hexadecimal digits."""
    return secrets.token_hex(count)[:count]


@cache
def maker_of(application: str) -> Maker:
    """Write messages as that application."""
    return Maker(party_of(application), zim="1", now=now, chance=chance).signing(hand_of)


def hand_of(person: Person) -> Hand | None:
    """The card of a person, in its reader. The cards are made when the first is asked for."""
    return hands_of(certificates.pki().out / "cards")(person)


def guest_hand_of(person: Person) -> Hand | None:
    """The card that his other employer gave a person."""
    return hands_of(certificates.pki().out / "cards", "-guest")(person)


ZIM = maker_of("1")
AT_PRACTICE = maker_of("80000001")
AT_PHARMACY = maker_of("80000002")
#: Another application of the practice.
AT_PORTAL = Maker(replace(PRACTICE, application="80000006"), zim="1", now=now, chance=chance).signing(hand_of)
ELSEWHERE = maker_of("80000003")

ANNA = patient(0)
BRAM = patient(1)


def accepts(turn: Turn) -> None:
    """Take it."""
    turn.answer(maker_of(turn.seen.receiver).accept(turn.seen, Verdict(type_code="CA")))


def silent(turn: Turn) -> None:
    """Say nothing, for as long as the connection lasts."""


def resets(turn: Turn) -> None:
    """Break the connection off when the whole request is there."""
    turn.reset()


def truncates(turn: Turn) -> None:
    """Break off in the middle of an answer."""
    turn.break_off(maker_of(turn.seen.receiver).accept(turn.seen, Verdict(type_code="CA"))[:200])


def with_another_id(turn: Turn) -> None:
    """Take another message than the one that was sent."""
    answer = maker_of(turn.seen.receiver).accept(turn.seen, Verdict(type_code="CA"))
    turn.answer(answer.replace(f'<id extension="{turn.seen.id.extension}"'.encode(), b'<id extension="another"'))


def refuses(code: str) -> Move:
    """Say no."""
    return lambda turn: turn.answer(
        maker_of(turn.seen.receiver).accept(turn.seen, Verdict(type_code="CE", code=code, text="no", in_act=False))
    )


def application_refuses(interaction: str, code: str) -> Move:
    """Say no to the content, in the interaction that does so."""
    verdict = Verdict(type_code="AE", code=code, text="no")
    return lambda turn: turn.answer(maker_of(turn.seen.receiver).answer(interaction, turn.seen, None, verdict))


def answers(about: Patient = ANNA, quantity: int = 1) -> Move:
    """Answer a question with a record of that patient."""

    def move(turn: Turn) -> None:
        turn.answer(answer_to(turn, about, quantity))

    return move


def answer_to(turn: Turn, about: Patient = ANNA, quantity: int = 1) -> bytes:
    """The answer to a question."""
    kind = BY_INTERACTION[turn.seen.interaction]
    maker = maker_of(turn.seen.receiver)
    return maker.answer(kind.answer or "", turn.seen, about, Verdict(type_code="AA", quantity=quantity))


def replaces(old: str, new: str) -> Move:
    """Answer a question with something else in the answer."""
    return lambda turn: turn.answer(answer_to(turn).replace(old.encode(), new.encode()))


def faults(side: str = "Server", code: str = "ERR_ALG") -> Move:
    """Answer with a SOAP fault."""
    return lambda turn: turn.answer(ZIM.fault(side, code, "as told"), status=500)


def says(body: bytes, status: int = 200, content_type: str = "text/xml; charset=utf-8") -> Move:
    """Answer whatever."""
    return lambda turn: turn.answer(body, status, content_type)


def usual(turn: Turn) -> None:
    """What a good other side does: answer a question, take a push."""
    kind = BY_INTERACTION.get(turn.seen.interaction)
    if kind is not None and kind.answer is not None:
        turn.answer(answer_to(turn, quantity=0 if kind.template == "bare" else 1))
    else:
        accepts(turn)


@dataclass(slots=True)
class Late:
    """A move that waits until the story says so."""

    then: Move = usual
    held: list[Turn] = field(default_factory=list)

    def __call__(self, turn: Turn) -> None:
        self.held.append(turn)

    def go_on(self) -> None:
        """Do for all that wait what was to be done."""
        waiting, self.held = self.held, []
        for turn in waiting:
            self.then(turn)
