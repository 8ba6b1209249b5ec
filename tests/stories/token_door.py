"""A node at whose local door the tables of bad tokens are handed in: it trusts their cards, at their moment.

Knows: how the cards and the moment of those tables become the settings and the clock of a whole node.
Must not know: which tokens are bad.

The clock stands still, since rows of the tables end on the second; TLS on both sides goes by it.
"""

import atexit
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.machine import Clocks
from edge_node.sandbox.cards import DESK, card_issuers
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.making import Verdict
from edge_node.sandbox.samples.people import GP, POST_GP
from tests.formats.bad_tokens import Row
from tests.formats.token_bench import ANNA, BRAM, NOW, Bench, register, trust
from tests.stories import certificates, moves, site
from tests.stories.caller import Told, code_of
from tests.stories.far_end import Turn
from tests.stories.life import Far, Outside
from tests.stories.story import Story


@cache
def pki_then() -> Pki:
    """The certificates of TLS, as of that moment."""
    folder = tempfile.mkdtemp(prefix="edge-node-door-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_pki(Path(folder) / "pki", now=NOW, bad=False)


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Both clocks, which stand still."""

    def monotonic(self) -> float:
        return 1000.0

    def now(self) -> float:
        return NOW.timestamp()

    def moment(self) -> datetime:
        return NOW


@dataclass(frozen=True, slots=True)
class Judged:
    """What the node said to one message."""

    name: str
    status: int
    code: str
    is_quick: bool


class Everybody(Far):
    """Also the sources that are asked all at once: nobody of them has anything."""

    def says(self, turn: Turn) -> None:
        """Answer, and say what time it is."""
        if turn.seen.interaction != KINDS["chain-care-query"].interaction:
            super().says(turn)
            return
        body = self.maker_of("1").batch(turn.seen, Verdict(type_code="AA"), 0)
        turn.answer(body, headers={"date": format_datetime(NOW, usegmt=True)})


class DoorStory(Story):
    """Messages are handed in as a local system does; `tokens` holds what this site has otherwise of them."""

    timeout = 240
    clock: Clocks = StandingClock()
    tokens: Mapping[str, Any] = {}
    unlisted: frozenset[str] = frozenset()  # CAs of which this site has no revocation list

    async def setUp(self) -> None:
        self._ids: set[str] = set()
        far = Everybody(pki_then().out / "cards", self.clock.moment)
        for module in (certificates, site):
            self.patch(module, "pki", pki_then)
        self.patch(moves, "usual", far.says)
        files = pki_then().files("switchboard")
        outside = Outside(files.chain.parent, (pki_then().anchors,), self.clock.moment)
        self.patch(certificates, "ServerTls", lambda: outside)
        await super().setUp()

    def furnish(self) -> None:
        """The cards of the tables instead of those of the stories."""
        anchors, lists = self.folder / "cards.pem", self.folder / "lists"
        anchors.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in trust().anchors))
        shutil.copytree(pki_then().out / "crl", lists)
        for ca in register().cards.authorities:
            (lists / f"{ca.slug}.crl").unlink(missing_ok=True)
            if ca.slug not in self.unlisted:
                made = ca.crl(NOW - timedelta(minutes=5)).public_bytes(Encoding.DER)
                (lists / f"{ca.slug}.crl").write_bytes(made)
        tokens = {"anchors": str(anchors), "issuers": card_issuers(), **self.tokens}
        self.write_settings({"version": 1, "tokens": tokens, "revocation": {"crl_files": [str(lists)]}})

    async def judged(self, rows: Iterable[Row]) -> list[Judged]:
        """What the node says to each of those messages."""
        return [await self._row(row.name, row.bench(), row.make) for row in rows]

    async def good(self, rows: Iterable[Row]) -> list[Judged]:
        """What it says to the good one beside each."""
        return [await self._row(row.name, row.beside, row.good) for row in rows]

    def told_of_people(self) -> list[str]:
        """The numbers and names of people, and the ids of tokens, that stand in the log."""
        text = self.tape.getvalue()
        assert self._ids
        assert "EN-TOKEN-" in text
        people = [GP.uzi, POST_GP.uzi, DESK.uzi, GP.name.split()[-1], ANNA.bsn, BRAM.bsn]
        return [one for one in (*people, *self._ids) if one in text]

    async def _row(self, name: str, bench: Bench, make: Any) -> Judged:
        before: list[bytes] = []
        bench.codes = lambda body: before.append(body) or []  # type: ignore[method-assign, func-returns-value]
        body = make(bench)  # a row may ask for another one to be judged before it
        for one in before:
            assert (await self._hand_in(bench, one)).status == 200
        begun = time.process_time()  # what waits for other programs is no work of the node's
        told = await self._hand_in(bench, body)
        return Judged(name, told.status, code_of(told), time.process_time() - begun < 1)

    async def _hand_in(self, bench: Bench, body: bytes) -> Told:
        self._ids.update(one.decode() for one in re.findall(rb' (?:wsu:Id|ID)="([^"]{12,})"', body))
        kind = KINDS[bench.kind]
        action = f'"urn:hl7-org:v3/{kind.service}_{kind.operation}"'
        return await self.local().post(f"/{kind.service}", body, {"soapaction": action})
