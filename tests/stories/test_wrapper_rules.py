"""A message that leaves is one the switchboard would take; one that comes in is not lost for a detail."""

from tests.stories.caller import code_of, seen
from tests.stories.moves import ANNA, AT_PRACTICE, ELSEWHERE, replaces
from tests.stories.story import Story, a_query, a_report
from tests.stories.test_bad_input import Refusing

HEADER = (b"<soap:Header>", b"</soap:Header>")


def without_token(body: bytes) -> bytes:
    """The message as a system sends it whose user did not sign."""
    start, end = (body.index(mark) for mark in HEADER)
    return body[:start] + body[end + len(HEADER[1]) :]


class TestWhatLeaves(Refusing):
    async def test_is_signed_where_a_person_must_ask(self) -> None:
        """The switchboard would refuse it, after the doctor has waited for it."""
        question = a_query()
        await self.refuses("EN-TOKEN-MISSING", sample=question, body=without_token(question.body))

    async def test_is_signed_for_itself(self) -> None:
        """A token of the message before it: the commonest mistake of a new system."""
        first, question = a_query(), a_query()
        assert first.token is not None
        header = first.body[: first.body.index(b"<soap:Body>")]
        body = header + question.body[question.body.index(b"<soap:Body>") :]
        await self.refuses("EN-TOKEN-MISMATCH", sample=question, body=body)

    async def test_names_who_is_responsible(self) -> None:
        """An assistant asks on somebody's mandate."""
        await self.refuses(
            "EN-OVERSEER", ("<overseer", "<supervisor"), ("</overseer", "</supervisor"), sample=a_report()
        )

    async def test_names_him_by_a_number(self) -> None:
        """An empty element would pass for a mandate, and nobody could say whose."""
        report = a_report()
        start, end = report.body.index(b"<overseer"), report.body.index(b"</overseer>")
        body = report.body[:start] + b'<overseer typeCode="RESP">' + report.body[end:]
        await self.refuses("EN-OVERSEER", sample=report, body=body)

    async def test_asks_the_switchboard_for_all_sources(self) -> None:
        """With R one source would answer, and the doctor would think that is all there is."""
        question = AT_PRACTICE.request("summary-query", receiver="1", patient=ANNA)
        changes = ('<responseModalityCode code="B"/>', '<responseModalityCode code="R"/>')
        await self.refuses("EN-QUERY-FIELD", changes, sample=question)


class TestWhatPasses(Story):
    async def test_a_responsible_person_without_a_name_is_told(self) -> None:
        """The patient's record is not held up for a detail; the supplier of the system can read of it."""
        question = a_query()
        start = question.body.index(b"<assignedPerson><name>", question.body.index(b"<overseer"))
        end = question.body.index(b"</assignedPerson>", start)
        told = await self.send(question, body=question.body[:start] + b"<assignedPerson>" + question.body[end:])
        assert seen(told).is_positive
        assert [line["codes"] for line in self.logged("message.odd")] == [["EN-OVERSEER"]]

    async def test_an_odd_answer_is_shown_and_told(self) -> None:
        """A record on the screen is worth more than a quantity that is right."""
        self.switch.will(replaces('<resultCurrentQuantity value="1"/>', '<resultCurrentQuantity value="7"/>'))
        question = a_query()
        told = await self.send(question)
        assert b'<resultCurrentQuantity value="7"/>' in told.body
        (line,) = self.logged("message.odd")
        assert (line["part"], line["codes"]) == ("answer", ["EN-ANSWER-FIELD"])
        assert line["message_id"] == f"{question.id.root}/{question.id.extension}"
        metrics = (await self.management("/metrics")).body
        assert b'edge_node_warnings_total{code="EN-ANSWER-FIELD",direction="out"} 1.0' in metrics

    async def test_an_odd_report_from_outside_is_delivered(self) -> None:
        """Users' rules bind our own users: what the switchboard let through reaches the practice."""
        report = a_report(ELSEWHERE, "80000001")
        body = without_token(report.body).replace(b"<overseer", b"<informationRecipient")
        body = body.replace(b"</overseer", b"</informationRecipient")
        told = await self.call(report, body=body)
        assert seen(told).is_positive
        assert code_of(told) == ""
        await self.eventually(self._heard, bool)
        assert [line["codes"] for line in self.logged("message.odd")] == [["EN-CONTROL-ACT"]]

    async def _heard(self) -> int:
        return len(self.systems["his"].heard)
