"""A question goes out: it gets the switchboard's answer, or one clear error, and never somebody else's record."""

import json
from typing import Any, ClassVar

from twisted.internet.defer import ensureDeferred

from tests.stories import moves
from tests.stories.caller import Broken, code_of, fault_of
from tests.stories.far_end import Turn
from tests.stories.moves import ANNA, BRAM
from tests.stories.story import Story, a_query

LARGE = b"<!-- " + b"x" * 1000 + b" -->"


def large(about: Any) -> moves.Move:
    """An answer of a megabyte whose record, with its patient, stands at the very end."""

    def move(turn: Turn) -> None:
        body = moves.answer_to(turn, about)
        turn.answer(body.replace(b"<subject", LARGE * 1000 + b"<subject", 1))

    return move


class TestAnswered(Story):
    async def test_asker_gets_the_answer_as_it_came(self) -> None:
        """The record on the doctor's screen is the one the other practice sent, to the byte."""
        given: list[bytes] = []
        self.switch.will(lambda turn: (given.append(moves.answer_to(turn)), turn.answer(given[0]))[0])
        told = await self.send(a_query())
        assert (told.status, [told.body]) == (200, given)

    async def test_question_leaves_as_it_came(self) -> None:
        """What the doctor signed is what the switchboard gets: body, path and SOAPAction."""
        question = a_query()
        await self.send(question)
        (turn,) = self.switch.heard
        assert turn.body == question.body
        assert turn.path == "/ProfessioneleSamenvattingQuery"
        assert turn.headers["soapaction"] == '"urn:hl7-org:v3/ProfessioneleSamenvattingQuery_QueryResponse"'

    async def test_fault_of_the_switchboard_is_passed(self) -> None:
        """The doctor's system knows the switchboard's own faults; ours would hide the reason."""
        self.switch.will(moves.faults(code="ERR_ALG"))
        told = await self.send(a_query())
        assert told.status == 500
        assert b"ERR_ALG" in told.body

    async def test_refusal_in_an_answer_is_passed(self) -> None:
        """No consent, no token: the switchboard says so itself."""
        self.switch.will(moves.refuses("AUTERR"))
        told = await self.send(a_query())
        assert told.status == 200
        assert b"AUTERR" in told.body


class TestNotAnswered(Story):
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9, "query_out_s": 2.0}}}

    async def test_switchboard_that_is_down_is_named_at_once(self) -> None:
        """The doctor must know within a second that it is the line, and that asking again may help."""
        await self.switch.down()
        told = await self.send(a_query())
        fault = fault_of(told)
        assert (told.status, code_of(told)) == (500, "EN-SWITCHBOARD-UNREACHABLE")
        assert (fault["side"], fault["retry"]) == ("care network", "yes")

    async def test_silence_ends_at_the_deadline(self) -> None:
        """A screen that waits for ever is worse than a screen that says no."""
        self.switch.will(moves.silent)
        told = await self.send(a_query())
        assert (told.status, code_of(told)) == (500, "EN-SWITCHBOARD-TIMEOUT")
        assert fault_of(told)["retry"] == "yes"

    async def test_question_is_never_repeated_by_the_node(self) -> None:
        """Each question stands in the patient's access log: one look must not become two."""
        self.switch.will(moves.resets)
        told = await self.send(a_query())
        assert (told.status, len(self.switch.heard)) == (500, 1)

    async def test_html_of_a_gateway_is_not_passed(self) -> None:
        """A proxy's error page is no record."""
        self.switch.will(moves.says(b"<html><body>Bad gateway</body></html>", 502, "text/html"))
        told = await self.send(a_query())
        assert (told.status, code_of(told)) == (500, "EN-ANSWER-BROKEN")
        assert b"gateway" not in told.body


class TestAnswerOfAnother(Story):
    async def _is_refused(self, move: moves.Move, code: str = "EN-ANSWER-MISMATCH") -> None:
        self.switch.will(move)
        told = await self.send(a_query())
        assert (told.status, code_of(told)) == (500, code)
        assert b"queryAck" not in told.body

    async def test_message_is_not_passed(self) -> None:
        """Two questions under way at once must not get each other's records."""
        question_id = "someone-else"

        def move(turn: Turn) -> None:
            extension = turn.seen.id.extension
            turn.answer(
                moves.answer_to(turn).replace(
                    f'<id extension="{extension}"'.encode(), f'<id extension="{question_id}"'.encode()
                )
            )

        await self._is_refused(move)

    async def test_query_id_is_not_passed(self) -> None:
        """The query id says of which question the hits are."""
        await self._is_refused(moves.replaces('<queryId extension="', '<queryId extension="not-'))

    async def test_patient_is_not_passed(self) -> None:
        """Medication of the wrong patient on the screen can kill."""
        await self._is_refused(moves.answers(BRAM))

    async def test_asker_is_not_passed(self) -> None:
        """A record meant for another practice stays unseen here."""
        await self._is_refused(moves.replaces('extension="80000001"', 'extension="80000009"'))

    async def test_truncated_answer_is_not_passed(self) -> None:
        """Half a medication list looks like a whole one."""
        await self._is_refused(moves.truncates, "EN-SWITCHBOARD-TIMEOUT")


class TestLargeAnswer(Story):
    async def test_streams_to_its_end(self) -> None:
        """A thick file arrives whole without the node holding it."""
        self.switch.will(large(ANNA))
        told = await self.send(a_query())
        assert told.status == 200
        assert told.headers.get("content-length") is None
        assert told.body.count(LARGE) == 1000
        assert told.body.endswith(b"</soap:Envelope>")

    async def test_of_another_patient_breaks_before_its_end(self) -> None:
        """The wrong patient shows only at the end: the doctor's system must not get a whole answer."""
        self.switch.will(large(BRAM))
        with self.assertRaises(Broken) as caught:
            await self.send(a_query())
        assert b"</soap:Envelope>" not in caught.exception.args[0]


class TestFaultThatIsTooLong(Story):
    async def test_is_not_passed_in_part(self) -> None:
        """Half a fault is no SOAP: the asker gets one it can read."""
        fault = moves.ZIM.fault("Server", "ERR_ALG", "as told")
        long = fault.replace(b"</soap:Body>", b"</soap:Body><!-- " + b"x" * 400_000 + b" -->")
        self.switch.will(moves.says(long, 500))
        told = await self.send(a_query())
        assert (told.status, code_of(told)) == (500, "EN-ANSWER-BROKEN")


class TestLineThatIsDown(Story):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 5, "probe_s": 600}}}

    async def setUp(self) -> None:
        await super().setUp()
        await self.switch.down()
        for _ in range(5):
            await self.send(a_query())

    async def test_is_said_down_in_health(self) -> None:
        """Staff see that the centre is down, and that the node is not."""
        document = await self.management("/readyz")
        assert (document.status, json.loads(document.body)["verdict"]) == (200, "centre down")

    async def test_tells_when_to_ask_again(self) -> None:
        """A local system that asks again at once, all day, helps nobody."""
        assert float((await self.send(a_query())).headers["retry-after"]) > 0

    async def test_is_tried_for_one_person_at_a_time_and_fails_fast_for_others(self) -> None:
        """While one doctor's question tests the line, a second one hears at once instead of waiting too."""
        self.switch.up()
        late = moves.Late()
        self.switch.will(late)
        first = ensureDeferred(self.send(a_query()))
        await self.switch.has_heard(1)
        second = await self.send(a_query())
        assert code_of(second) == "EN-LINK-OPEN"
        assert float(second.headers["retry-after"]) > 0
        # It was told while the first one still waited, and nothing was tried for it.
        assert (first.called, len(self.switch.heard)) == (False, 1)
        late.go_on()
        assert (await first).status == 200

    async def test_closes_again_by_the_first_success(self) -> None:
        """The first answer after the repair opens the way for all, without anybody's help."""
        self.switch.up()
        assert (await self.send(a_query())).status == 200
        assert self.logged("link.changed")[-1]["is_up"] is True
