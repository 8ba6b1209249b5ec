"""A list of anchors is pushed: a good one comes into use by itself, a wrong one locks nobody out."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.model.anchors import Phase
from edge_node.sandbox.pki_authority import ec_key, root
from edge_node.wire.trust_certificate import fingerprint
from tests.stories.caller import seen
from tests.stories.certificates import Moved, Stranger, another_pki, pki
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_query

ANOTHER = root("Another Root CA", "another", ec_key(), datetime.now(UTC)).certificate
OTHER = ANOTHER.public_bytes(Encoding.PEM)
#: Two roots may bear one name: people tell them apart by what stands behind it.
NAMED = f"Another Root CA (SHA-256 {fingerprint(ANOTHER)[:8]}…, until {ANOTHER.not_valid_after_utc:%Y-%m-%d})"
RIGHT = pki().anchors.read_bytes()
BOTH = RIGHT + OTHER


class TestAnchors(Story):
    """The site of these stories has a list of its own, that can be replaced."""

    begins_with = RIGHT

    def furnish(self) -> None:
        self.rewrite((str(pki().anchors), str(self.file)))
        self.file.write_bytes(self.begins_with)

    @property
    def file(self) -> Path:
        return self.folder / "anchors.pem"

    async def push(self, anchors: bytes) -> None:
        """Put a list in the place of the one that is there, and reload."""
        self.file.write_bytes(anchors)
        await self.reload()

    async def told(self, event: str) -> dict[str, object]:
        async def look() -> list[dict[str, object]]:
            return self.logged(event)

        found: list[dict[str, object]] = await self.eventually(look, bool)
        return found[-1]

    async def passes(self) -> bool:
        """Whether questions go both ways."""
        out = await self.send(a_query())
        inbound = await self.call(a_query(ELSEWHERE, HIS))
        return seen(out).is_positive and seen(inbound).is_positive

    @property
    def phases(self) -> list[Phase]:
        assert self.node is not None
        return [change.phase for change in self.node.in_force.anchoring.changes]


class TestAWrongList(TestAnchors):
    async def test_is_refused_and_the_old_one_stays(self) -> None:
        """The commonest outage of comparable systems: a trust list that was pushed and locked everybody out."""
        await self.push(OTHER)
        said = await self.told("anchors.refused")
        assert (said["code"], said["peer"], said["added"]) == ("EN-ANCHORS-REFUSED", "switchboard", [NAMED])
        assert await self.passes()

    async def test_does_not_count_after_a_restart(self) -> None:
        """Who is in doubt restarts; that must not make it worse."""
        await self.push(OTHER)
        await self.told("anchors.refused")
        await self.restart()
        assert await self.passes()

    async def test_waits_while_the_peer_cannot_be_reached(self) -> None:
        """Of a peer that is away nothing can be said, so both lists count until it is back."""
        await self.switch.down()
        await self.push(OTHER)
        await self.told("anchors.waiting")
        assert self.phases == [Phase.WAITING]

    async def test_is_forgotten_when_the_right_one_comes(self) -> None:
        """The way back is the way one would try first."""
        await self.push(OTHER)
        await self.told("anchors.refused")
        await self.push(RIGHT)
        assert await self.passes()
        assert self.phases == []

    async def test_counts_when_a_person_says_so(self) -> None:
        """A CA that is compromised must go at once, whatever that stops."""
        await self.push(OTHER)
        await self.told("anchors.refused")
        assert self.node is not None
        self.node.in_force.anchoring.accept("switchboard")
        assert (await self.send(a_query())).status == 500
        assert self.logged("tls.refused")[-1]["code"] == "EN-TLS-CHAIN"


class TestAnAddition(TestAnchors):
    async def test_counts_at_once(self) -> None:
        """An old and a new generation overlap; nothing that worked stops."""
        await self.push(BOTH)
        assert await self.passes()
        assert (self.phases, self.logged("anchors.waiting")) == ([], [])

    async def test_alone_has_nothing_to_accept(self) -> None:
        """A slip of the pen must not look like a success."""
        await self.push(BOTH)
        assert self.node is not None
        with pytest.raises(Refused):
            self.node.in_force.anchoring.accept(None)


class TestARemoval(TestAnchors):
    begins_with = BOTH

    async def test_counts_once_the_peer_was_reached_without_it(self) -> None:
        """An old root goes by itself when nobody needs it any more."""
        await self.push(RIGHT)
        said = await self.told("anchors.proven")
        assert said["removed"] == [NAMED]
        assert await self.passes()

    async def test_is_tried_again_when_the_peer_is_back(self) -> None:
        """Nobody has to remember it."""
        await self.switch.down()
        await self.push(RIGHT)
        await self.told("anchors.waiting")
        self.switch.up()
        assert self.node is not None
        await self.node.in_force.anchoring.tend()
        await self.told("anchors.proven")


class TestANewHierarchy(TestAnchors):
    """Everything changes: the root, the CAs, the certificate of the switchboard."""

    given = MappingProxyType(
        {"revocation": {"crl_files": [str(pki().out / "crl"), str(another_pki().out / "crl")]}},
    )

    async def test_that_is_pushed_too_early_comes_into_use_on_its_day(self) -> None:
        """A list for next week must neither stop today nor have to be pushed again next week."""
        await self.push(another_pki().anchors.read_bytes())
        await self.told("anchors.refused")
        assert await self.passes()
        await self.switch.down()
        self.switch.use(Moved())
        self.switch.up()
        assert self.node is not None
        await self.node.in_force.anchoring.tend()
        assert seen(await self.send(a_query())).is_positive

    async def test_is_not_given_up_for_a_stranger_who_answers_a_trial(self) -> None:
        """Anybody on the way can answer in the switchboard's place; that must not cut the real one off."""
        await self.test_keeps_the_old_one_while_the_peer_still_calls_under_it()
        await self.answers_as(Stranger())
        assert self.phases == [Phase.WAITING]
        await self.answers_as(Moved())
        assert await self.passes()

    async def answers_as(self, other: Any) -> None:
        """Somebody else is where the switchboard was, while the list is tried."""
        await self.switch.down()
        self.switch.use(other)
        self.switch.up()
        assert self.node is not None
        await self.node.in_force.anchoring.tend()

    async def test_keeps_the_old_one_while_the_peer_still_calls_under_it(self) -> None:
        """The switchboard may change the certificate it answers with before the one it calls with."""
        await self.test_that_is_pushed_too_early_comes_into_use_on_its_day()
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive
        said = await self.told("anchors.waiting")
        assert str(said["why"]).startswith("it lately showed a chain under ")
