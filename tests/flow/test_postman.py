"""A mail reaches also those whom the mail server puts off."""

from dataclasses import dataclass, field

from structlog.testing import capture_logs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import Unavailable
from edge_node.flow.postman import Postman
from edge_node.model.letter import Letter, Taken

LETTER = Letter(
    sender="n@example.org", to=("a@example.org", "b@example.org"), subject="x", text="y", name="1", at_s=1.0
)
DAY_S = 24 * 3600


@dataclass
class Door:
    """A mail server that puts some addresses off, and may be away."""

    later: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_away: bool = False
    sent: list[tuple[str, ...]] = field(default_factory=list)

    async def send(self, letter: Letter) -> Taken:
        if self.is_away or set(letter.to) <= set(self.later):
            raise Unavailable("not now", code="EN-MAIL-FAILED")
        self.sent.append(tuple(to for to in letter.to if to not in self.later))
        put_off = tuple(to for to in letter.to if to in self.later)
        return Taken(put_off=put_off, refused=tuple(to for to in self.sent[-1] if to in self.unknown))


@dataclass
class Bench:
    door: Door = field(default_factory=Door)
    clock: Clock = field(default_factory=Clock)

    def send(self) -> None:
        Deferred.fromCoroutine(Postman(self.door, self.clock).send(LETTER)).addErrback(lambda _: None)


class TestPutOff:
    def test_one_who_is_put_off_gets_it_later_and_the_others_once(self) -> None:
        """Greylisting ends after some minutes."""
        bench = Bench(Door(later=("b@example.org",)))
        bench.send()
        bench.door.later = ()
        bench.clock.advance(300)
        assert bench.door.sent == [("a@example.org",), ("b@example.org",)]
        assert bench.clock.getDelayedCalls() == []

    def test_is_tried_again_while_the_server_is_away(self) -> None:
        """Both may happen in one evening."""
        bench = Bench(Door(later=("b@example.org",)))
        bench.send()
        bench.door.later, bench.door.is_away = (), True
        bench.clock.advance(300)
        bench.door.is_away = False
        bench.clock.advance(900)
        assert bench.door.sent[1:] == [("b@example.org",)]

    def test_is_given_up_after_a_day(self) -> None:
        """A mailbox that stays full; the log of the node says so, without the address."""
        bench = Bench(Door(later=("b@example.org",)))
        with capture_logs() as lines:
            bench.send()
            bench.clock.pump([600] * (2 * DAY_S // 600))
        assert [(line["event"], line["addresses"]) for line in lines] == [("mail.address-given-up", 1)]
        assert bench.clock.getDelayedCalls() == []

    def test_one_that_nobody_got_is_for_who_sent_it(self) -> None:
        """He has it all before him still."""
        bench = Bench(Door(is_away=True))
        bench.send()
        assert bench.clock.getDelayedCalls() == []


class TestRefused:
    def test_is_counted_also_when_it_was_put_off_first(self) -> None:
        """Greylisting asks everybody to come back, and then says that nobody of that name is there."""
        bench = Bench(Door(later=("b@example.org",), unknown=("b@example.org",)))
        postman = Postman(bench.door, bench.clock)
        Deferred.fromCoroutine(postman.send(LETTER))
        bench.door.later = ()
        bench.clock.advance(300)
        assert (postman.refused, bench.clock.getDelayedCalls()) == (1, [])

    def test_is_counted_until_it_is_taken(self) -> None:
        """The mail of the day tells the others, who can put the settings right."""
        bench = Bench(Door(unknown=("b@example.org",)))
        postman = Postman(bench.door, bench.clock)
        Deferred.fromCoroutine(postman.send(LETTER))
        assert postman.refused == 1
        bench.door.unknown = ()
        Deferred.fromCoroutine(postman.send(LETTER))
        assert postman.refused == 0
