"""A day of FHIR, good and bad; afterwards no patient number and no token stands where people read."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

from tests.stories import moves
from tests.stories.caller import Told
from tests.stories.fhir_moves import (
    BSN,
    a_bearer,
    a_bundle,
    a_search,
    a_task,
    a_transaction_token,
    gives,
    written,
)
from tests.stories.fhir_story import TOKEN, FhirStory
from tests.stories.moves import ANNA, BRAM
from tests.stories.test_privacy import BODIES, FAILING

NUMBERS = (ANNA.bsn, BRAM.bsn, FAILING)


class TestDay(FhirStory):
    given: ClassVar = {
        "switchboard": {"waits": {"connect_s": 1.9, "query_out_s": 2.0, "query_in_s": 2.0, "push_wait_s": 2.0}}
    }

    async def day(self) -> list[Told]:
        """One of everything; return what was not a resource of the other side."""
        self.handed_in = [a_transaction_token() for _ in range(3)]
        given: list[dict[str, Any]] = [{"system": "his", TOKEN: token} for token in self.handed_in]
        task = written(a_task())
        told = [await self.asks(a_search(), **given[0]), await self.asks("/fhir/R4/Task", "POST", task, **given[1])]
        told += [await self.asks(a_search()), await self.calls(a_search())]
        told += [await self.calls("/fhir/R4/Task", "POST", written(a_task()))]
        assert [one.status for one in told] == [200, 201, 200, 200, 201]
        self.broker.will(gives(a_bundle(BRAM.bsn)), moves.resets, moves.silent)
        told = [await self.asks(a_search()) for _ in range(3)]
        await self.server.down()
        told += [await self.asks("/fhir/R4/Task", "POST", written(a_task()), **given[2])]  # kept, with its token
        return told + await self.bad_out() + await self.bad_in()

    async def bad_out(self) -> list[Told]:
        addresses = (
            a_search(bsn=FAILING),
            f"{a_search()}&identifier={BSN}|{BRAM.bsn}",
            f"/fhir/R4/Nothing{ANNA.bsn}",
            f"/fhir/R4/{ANNA.bsn}",
            f"/fhir/{ANNA.bsn}/Task",
            f"/fhir/R4/Task/{ANNA.bsn}/x/{BRAM.bsn}",
            f"/fhir/R4/$x{ANNA.bsn}",
        )
        told = [await self.asks(address) for address in addresses]
        headers: list[dict[str, str]] = [
            {"authorization": a_bearer(BRAM.bsn)},
            {"authorization": f"Bearer {ANNA.bsn}"},
            {"aorta_id": f"initialRequestID={ANNA.bsn}"},
            {"aorta_version": f"contentVersion={ANNA.bsn}.0.0"},
            {"edge_node_application": ANNA.bsn},
        ]
        told += [await self.asks(a_search(), **given) for given in headers]
        bodies = (written(a_task(BRAM.bsn)), f'{{"{ANNA.bsn}"'.encode(), f'{{"resourceType": "{ANNA.bsn}"}}'.encode())
        return told + [await self.asks("/fhir/R4/Task", "POST", body) for body in bodies]

    async def bad_in(self) -> list[Told]:
        self.systems["his"].will(gives(a_bundle(BRAM.bsn)), moves.resets, moves.silent)
        told = [await self.calls(a_search()) for _ in range(3)]
        told += [await self.calls("/fhir/R4/Task", "POST", written(a_task(BRAM.bsn)))]
        return [*told, await self.calls(a_search(bsn=FAILING)), await self.calls(f"/fhir/R4/{ANNA.bsn}")]

    async def shown(self) -> str:
        """Everything the node shows to people and machines."""
        pages = [(await self.management(path)).body.decode() for path in ("/metrics", "/healthz", "/readyz")]
        rows = await self.kept_messages()
        return "".join([*pages, *(repr(row) for row in rows)])

    def stored(self) -> str:
        """What stands beside the bodies."""
        with closing(sqlite3.connect(self.folder / "state" / "store.db")) as store:
            tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return repr([store.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(tables - BODIES)])

    def on_disk(self) -> bytes:
        """Every byte the node keeps."""
        return b"".join(path.read_bytes() for path in Path(self.folder / "state").iterdir() if path.is_file())

    async def test_leaves_no_patient_number_behind(self) -> None:
        """Addresses of FHIR hold them, and errors are made from addresses."""
        told = await self.day()
        places = {"shown": await self.shown()}
        await self.stop()
        answers = "".join(one.body.decode() + repr(one.headers) for one in told)
        places |= {"log": self.tape.getvalue(), "answers": answers, "stored": self.stored()}
        assert [(place, number) for place, text in places.items() for number in NUMBERS if number in text] == []
        assert "[nine digits]" not in places["log"]  # the last guard had nothing to do
        assert all(one.status >= 202 for one in told)

    async def test_leaves_no_access_token_behind(self) -> None:
        """Whoever reads the log or the disk must not be able to ask in a user's name."""
        await self.day()
        shown = await self.shown()
        heard = [turn for far_end in (self.broker, *self.systems.values()) for turn in far_end.heard]
        used = {turn.headers["authorization"].split(".")[1] for turn in heard if "authorization" in turn.headers}
        await self.stop()
        everywhere = self.on_disk() + self.tape.getvalue().encode() + shown.encode()
        assert [token for token in used if token.encode() in everywhere] == []
        assert len(used) > 5

    async def test_leaves_no_assertion_where_people_read(self) -> None:
        """One that was not used yet waits with its message, sealed in a later release, and nowhere else."""
        told = await self.day()
        shown = await self.shown()
        await self.stop()
        answers = "".join(one.body.decode() + repr(one.headers) for one in told)
        read = self.tape.getvalue() + shown + self.stored() + answers
        assert [token for token in self.handed_in if token in read] == []
