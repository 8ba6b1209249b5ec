"""One number from the local system's request through the log to the answer, so that staff can follow a message."""

from tests.stories import moves
from tests.stories.moves import AT_PRACTICE, ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query


class TestCorrelation(Story):
    async def test_given_by_the_local_system_comes_back_and_is_logged(self) -> None:
        """The maker of the local system finds in our log what its own log calls the request."""
        told = await self.send(a_query(), headers={"edge-node-correlation": "his-2026-000123"})
        assert told.headers["edge-node-correlation"] == "his-2026-000123"
        assert self.logged("message.handled")[-1]["correlation"] == "his-2026-000123"

    async def test_is_made_where_none_was_given(self) -> None:
        """Every request can be followed."""
        first, second = [(await self.send(a_query())).headers["edge-node-correlation"] for _ in range(2)]
        assert len(first) == len(second) == 32
        assert first != second

    async def test_of_a_harmful_form_is_replaced(self) -> None:
        """What a caller writes in our log is not its to choose."""
        told = await self.send(a_query(), headers={"edge-node-correlation": '"}{"event":"forged'})
        assert "forged" not in told.headers["edge-node-correlation"]
        assert "forged" not in self.tape.getvalue()

    async def test_that_may_be_a_patient_number_is_replaced(self) -> None:
        """A local system that files its requests by patient must not fill our log with them."""
        told = await self.send(a_query(), headers={"edge-node-correlation": "999900043"})
        assert told.headers["edge-node-correlation"] != "999900043"
        assert "999900043" not in self.tape.getvalue()

    async def test_of_a_kept_message_is_shown_in_the_queue_and_goes_in_with_it(self) -> None:
        """What came in from the switchboard carries its number to the local system, however late."""
        await self.systems["his"].down()
        await self.call(a_prescription(ELSEWHERE, HIS))
        (row,) = await self.kept_messages()
        self.systems["his"].up()
        await self.systems["his"].has_heard(1)
        assert self.systems["his"].heard[0].headers["edge-node-correlation"] == row.correlation
        assert row.correlation == self.logged("message.handled")[-1]["correlation"]

    async def test_follows_a_kept_message_to_its_delivery(self) -> None:
        """A message that left an hour later is found under the number its sender knows."""
        await self.switch.down()
        told = await self.send(a_prescription())
        self.switch.up()
        await self.switch.has_heard(1)
        given = [line["correlation"] for line in self.logged("delivery.attempted")]
        assert set(given) == {told.headers["edge-node-correlation"]}

    async def test_refused_request_has_one_too(self) -> None:
        """Above all what went wrong must be found."""
        told = await self.send(a_query(), body=b"no")
        assert told.headers["edge-node-correlation"] == self.logged("message.handled")[-1]["correlation"]


class TestLog(Story):
    async def test_says_that_a_message_names_a_patient_and_what_kind_of_author(self) -> None:
        """Who looks into a complaint sees what the order and the access log went by, without the number itself."""
        await self.send(a_query())
        line = self.logged("message.handled")[-1]
        assert (line["patient"], line["author"]) == ("found", "person")

    async def test_says_what_a_message_does_not_name(self) -> None:
        """Without a patient the order is kept by sender; without a user the switchboard answers for it."""
        await self.send(AT_PRACTICE.request("tick", receiver="1", patient=None))
        line = self.logged("message.handled")[-1]
        assert (line["patient"], line["author"]) == ("not found", "device")


class TestMetrics(Story):
    async def test_count_what_happened(self) -> None:
        """A graph that stays flat while doctors complain is worse than none."""
        self.switch.will(moves.usual, moves.resets)
        for _ in range(2):
            await self.send(a_query())
        text = (await self.management("/metrics")).body.decode()
        handled = [line for line in text.splitlines() if line.startswith("edge_node_") and 'kind="query"' in line]
        assert any('outcome="answered"' in line and line.endswith(" 1.0") for line in handled)
        assert any("EN-SWITCHBOARD-TIMEOUT" in line for line in handled)
