"""A whole day, good and bad; afterwards no patient number stands anywhere but in the messages themselves."""

import json
import sqlite3
from contextlib import closing
from typing import Any, ClassVar

from edge_node.sandbox.samples.people import patient
from edge_node.sandbox.samples.people import test_bsn as a_test_bsn
from tests.stories import moves
from tests.stories.caller import Caller, Told
from tests.stories.moves import ANNA, BRAM, ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, a_report, an_index_update, other_content

#: Two that pass the eleven-test and one that does not: it may be a real one with a slip in it.
FAILING = str(int(ANNA.bsn) + 1)
NUMBERS = tuple(number.encode() for number in (ANNA.bsn, BRAM.bsn, FAILING, a_test_bsn(7)))
#: Where the bytes of messages and answers are; sealed in a later release.
BODIES = {"bodies", "answers"}


class TestDay(Story):
    given: ClassVar = {
        "switchboard": {"waits": {"connect_s": 1.9, "query_out_s": 2.0, "query_in_s": 2.0, "push_wait_s": 2.0}}
    }

    async def _day(self) -> list[Told]:
        """One of everything; return what was not a message of the other side."""
        told = [await self.send(a_query()), await self.send(a_prescription(patient=BRAM))]
        told += [await self.call(a_query(ELSEWHERE, HIS)), await self.call(a_prescription(ELSEWHERE, HIS))]
        return [one for one in told if one.status != 200] + await self._bad_out() + await self._bad_in()

    async def _bad_out(self) -> list[Told]:
        self.switch.will(moves.answers(BRAM), moves.resets, moves.says(b"<html/>"), moves.silent, moves.resets)
        asked = [await self.send(a_query()) for _ in range(3)]
        signed, update = a_report(patient=patient(3)), an_index_update()
        passed = [await self.send(one) for one in (an_index_update(), signed, signed, update)]
        push, question = a_prescription(), a_query()
        wrong = (
            push.body.replace(ANNA.bsn.encode(), FAILING.encode()),
            push.body.replace(ANNA.bsn.encode(), BRAM.bsn.encode(), 1),
            push.body[: push.body.index(ANNA.bsn.encode()) + 9],
            push.body.replace(b"PORX_IN932000NL", ANNA.bsn.encode()),
            push.body.replace(b"<soap:Body>", f"<soap:Body><a{ANNA.bsn}/>".encode()),
            push.body.replace(b'code="T"', f'code="{ANNA.bsn}"'.encode()),
            push.body.replace(b'value="', f'value="{ANNA.bsn}'.encode(), 1),
        )
        refused = [await self.send(push, body=body) for body in wrong]
        refused += [await self.send(push, path=f"P{ANNA.bsn}"), await self.send(push, soap_action=ANNA.bsn)]
        refused += [await self.send(question), await self.send(question, body=other_content(question), system="ais")]
        return asked + passed + [one for one in refused if one.status != 200]

    async def _bad_in(self) -> list[Told]:
        self.systems["his"].will(moves.answers(BRAM), moves.resets, moves.faults(code=ANNA.bsn), moves.silent)
        asked = [await self.call(a_query(ELSEWHERE, HIS)) for _ in range(4)]
        push = a_prescription(ELSEWHERE, HIS, BRAM)
        pushed = [await self.call(push), await self.call(push, body=other_content(push))]
        pushed.append(await self.call(push, body=push.body.replace(BRAM.bsn.encode(), FAILING.encode())))
        return asked + pushed

    async def _shown(self) -> list[bytes]:
        """Everything the node shows to people and machines."""
        pages = [(await self.management(path)).body for path in ("/metrics", "/healthz", "/readyz", "/nothing")]
        rows = await self.kept_messages()
        messages = [(await self.local().get(f"/v1/messages/{row.uid}")).body for row in rows]
        asked: list[dict[str, Any]] = [{"verb": "status"}, {"verb": "queue.list", "ended": True}]
        asked += [{"verb": "queue.show", "uid": row.uid} for row in rows]
        return [*pages, *messages, *[await self._control(request) for request in asked]]

    async def _control(self, request: dict[str, Any]) -> bytes:
        wire = await Caller.at(f"unix:{self.folder / 'control.sock'}").wire()
        wire.say(json.dumps(request).encode() + b"\n")
        answer = await wire.until(b"\n")
        wire.close()
        assert answer.startswith(b'{"ok"'), answer
        return answer

    def _stored(self) -> bytes:
        with closing(sqlite3.connect(self.folder / "state" / "store.db")) as store:
            tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = [store.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(tables - BODIES)]
        assert len(rows) >= 5
        return repr(rows).encode()

    async def test_leaves_no_number_behind(self) -> None:
        """Logs and graphs are read by people who may not know who is a patient of whom."""
        told = await self._day()
        shown = await self._shown()
        await self.stop()
        places = {
            "log": self.tape.getvalue().encode(),
            "answers": b"".join(one.body + repr(one.headers).encode() for one in told),
            "shown": b"".join(shown),
            "store": self._stored(),
        }
        found = [(place, number) for place, text in places.items() for number in NUMBERS if number in text]
        assert found == []
        assert len(told) > 15
        assert all(places.values())

    async def test_masks_nothing_because_nothing_is_there(self) -> None:
        """The guard of the log is the last one; nothing may depend on it."""
        await self._day()
        assert "[nine digits]" not in self.tape.getvalue()
