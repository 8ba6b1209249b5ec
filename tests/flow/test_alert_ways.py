"""Each way of telling gets what is its own, in its own form."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from twisted.internet.defer import Deferred

from edge_node.flow.alert_ways import AlertHookWay, AlertLogWay, AlertMailWay
from edge_node.flow.pacing import Pace
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.alert import Alert, Circle, Occasion
from edge_node.model.letter import Letter
from edge_node.model.sentence import Saying, Sentence

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)
DOWN = Alert(
    seq=3,
    at=AT,
    occasion=Occasion.BEGAN,
    circle=Circle.PRACTICE,
    sentence=Sentence(saying=Saying.LSP_DOWN, said_at=AT, since=AT),
)
BACKUP = replace(DOWN, sentence=replace(DOWN.sentence, saying=Saying.ATTENTION, about="x"))
OVER = replace(DOWN, occasion=Occasion.OVER, sentence=replace(DOWN.sentence, saying=Saying.OVER, until=AT))
HEAD = Letterhead(node="gp-1", environment="test", language="nl")


@dataclass
class Hex:
    """Chance that can be foretold."""

    def hex(self, nbytes: int) -> str:
        return "0" * 2 * nbytes

    def uniform(self) -> float:
        return 0.5


@dataclass
class Ends:
    """What arrived at the other end of each way."""

    letters: list[Letter] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    async def post(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def call(self, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        self.calls.append((dict(headers), body))

    def log(self, datagram: bytes) -> None:
        self.lines.append(datagram)


@dataclass
class Post:
    ends: Ends

    async def send(self, letter: Letter) -> None:
        await self.ends.post(letter)


@dataclass
class Log:
    ends: Ends

    def send(self, datagram: bytes) -> None:
        self.ends.log(datagram)


@pytest.fixture
def ends() -> Ends:
    return Ends()


def mail(ends: Ends, *, is_urgent: bool = True) -> AlertMailWay:
    return AlertMailWay(
        name="mail-alerts",
        circle=Circle.PRACTICE,
        is_urgent=is_urgent,
        to=("a@example.org",),
        sender="node@example.org",
        head=HEAD,
        post=Post(ends),
        report=tuple,
        now=lambda: 1.0,
        pace=Pace(interval_s=60.0),
    )


class TestMail:
    @pytest.mark.parametrize(
        ("alert", "urgent", "calm"),
        [
            (DOWN, True, False),
            (BACKUP, False, True),
            (OVER, True, False),
            (replace(BACKUP, occasion=Occasion.OVER), False, False),
            (replace(DOWN, circle=Circle.NETWORK), False, False),
            (replace(DOWN, is_told_elsewhere=True), False, False),
            (replace(DOWN, occasion=Occasion.DAILY, is_told_elsewhere=True), False, True),
        ],
    )
    def test_goes_one_way_and_only_if_no_other_mail_tells(
        self, ends: Ends, alert: Alert, urgent: bool, calm: bool
    ) -> None:
        """Two mails about one thing teach people to read neither; and a backup holds no breakdown up."""
        assert (mail(ends).wants(alert), mail(ends, is_urgent=False).wants(alert)) == (urgent, calm)

    @pytest.mark.parametrize(("alert", "is_urgent"), [(DOWN, True), (BACKUP, False), (OVER, False)])
    def test_is_marked_where_work_stands_still(self, ends: Ends, alert: Alert, is_urgent: bool) -> None:
        """A mailbox shows it at the top."""
        Deferred.fromCoroutine(mail(ends).tell([alert]))
        assert [letter.is_urgent for letter in ends.letters] == [is_urgent]

    def test_what_rested_does_not_say_that_messages_go_when_they_do_not(self, ends: Ends) -> None:
        """The line broke while the mail about a backup waited its quarter of an hour."""
        way = replace(mail(ends, is_urgent=False), is_down=lambda: True)
        Deferred.fromCoroutine(way.tell([BACKUP]))
        assert ends.letters[0].text.startswith("Let op: ")

    def test_what_ended_while_it_rested_is_told_as_ended(self, ends: Ends) -> None:
        """Nobody goes to look at a disk of which the mail is a quarter of an hour late."""
        way = replace(mail(ends, is_urgent=False), is_over=lambda key: key == BACKUP.sentence.key)
        still = replace(BACKUP, seq=9, sentence=replace(BACKUP.sentence, about="disk-space"))
        Deferred.fromCoroutine(way.tell([BACKUP, still]))
        told = ends.letters[0].text
        assert told.startswith("Berichten gaan heen en weer, maar ")
        assert told.count("Voorbij: Berichten gaan heen en weer, maar ") == 1
        assert told.count("Aan zet") == 1

    def test_what_all_ended_says_so_at_the_top(self, ends: Ends) -> None:
        """The subject is all that most people read."""
        way = replace(mail(ends, is_urgent=False), is_over=lambda _key: True)
        Deferred.fromCoroutine(way.tell([BACKUP]))
        assert "Voorbij: " in ends.letters[0].subject

    def test_name_is_the_same_at_every_try(self, ends: Ends) -> None:
        """A copy of a node that was killed before it noted the first is known as one."""
        Deferred.fromCoroutine(mail(ends).tell([DOWN]))
        Deferred.fromCoroutine(mail(ends).tell([DOWN]))
        first, second = ends.letters
        assert first.name == second.name

    @pytest.mark.parametrize(
        ("alert", "is_held"),
        [
            (DOWN, False),
            (replace(DOWN, is_again=True), True),
            (replace(DOWN, occasion=Occasion.STILL), True),
            (BACKUP, True),
            (replace(BACKUP, occasion=Occasion.DAILY), False),
        ],
    )
    def test_after_many_in_a_day_only_a_new_breakdown_comes_at_once(
        self, ends: Ends, alert: Alert, *, is_held: bool
    ) -> None:
        """And the mail of the day, at its hour."""
        way = replace(mail(ends), pace=Pace(interval_s=60.0, most_a_day=2, storm_s=3600.0))
        assert (way.rest_s([alert], (900.0, 600.0)) > 0) is is_held


class TestHook:
    def way(self, ends: Ends) -> AlertHookWay:
        return AlertHookWay(node="gp-1", secrets=(b"s" * 32,), hook=ends, now=lambda: 5.0)

    def test_is_called_with_an_id_that_no_other_alert_has(self, ends: Ends) -> None:
        """Also after the memory was lost and the numbers began anew."""
        Deferred.fromCoroutine(self.way(ends).tell([DOWN]))
        headers, body = ends.calls[0]
        assert headers["webhook-id"] == f"gp-1.alert.{int(AT.timestamp())}.3"
        assert json.loads(body)["state"] == "lsp-down"

    @pytest.mark.parametrize(
        ("alert", "wanted"),
        [
            (DOWN, True),
            (replace(BACKUP, occasion=Occasion.OVER), True),
            (replace(DOWN, is_told_elsewhere=True), True),
            (replace(DOWN, circle=Circle.NETWORK), False),
            (replace(DOWN, occasion=Occasion.DAILY), False),
        ],
    )
    def test_gets_everything_that_happens_once(self, ends: Ends, alert: Alert, wanted: bool) -> None:
        """A monitor keeps its own list of what is open."""
        assert self.way(ends).wants(alert) is wanted


class TestLog:
    def test_gets_a_line_for_each(self, ends: Ends) -> None:
        """As it is written for it."""
        way = AlertLogWay(written=lambda alert: str(alert.seq).encode(), log=Log(ends))
        Deferred.fromCoroutine(way.tell([DOWN, replace(DOWN, seq=4)]))
        assert ends.lines == [b"3", b"4"]
