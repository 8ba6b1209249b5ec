"""What is trusted changes at fifty requests a second, both ways: not one of them fails."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from twisted.internet.threads import deferToThread

from edge_node.errors import EdgeNodeError
from edge_node.sandbox.pki_authority import ec_key, root
from edge_node.status import control_client
from tests.stories import certificates
from tests.stories.certificates import another_pki, pki
from tests.stories.steady import LEAST_PER_S, Steady, is_served
from tests.stories.story import Story
from tests.stories.test_revocation import ISSUER, Register

OTHER = root("Another Root CA", "another", ec_key(), datetime.now(UTC)).certificate.public_bytes(Encoding.PEM)
OLD = pki().anchors.read_bytes()
NEW = another_pki().anchors.read_bytes()


class Loaded(Story):
    """A story in the middle of traffic."""

    timeout = 60

    async def nobody_notices(self, change: Callable[[], Awaitable[None]]) -> None:
        """Do something while messages go both ways; who was connected before is served afterwards."""
        steady = Steady(self)
        try:
            await steady.begin()
            await change()
            await steady.go_on(1.0)
            is_served = await steady.is_old_one_served()
        finally:
            tally = await steady.end()
        print(f"{tally.sent} requests, {tally.due_per_s:.0f} a second, p99 {tally.p99_ms:.0f} ms")
        assert (tally.failed, is_served) == ([], True)
        assert tally.due_per_s >= LEAST_PER_S
        assert tally.sent == tally.due
        assert set(tally.good) == {"question out", "question in", "push out"}

    async def told(self, event: str) -> list[dict[str, Any]]:
        """Wait until the log tells of it."""

        async def look() -> list[dict[str, Any]]:
            return self.logged(event)

        lines: list[dict[str, Any]] = await self.eventually(look, bool)
        return lines


class Anchors(Loaded):
    """The list of anchors is a file of this site, that can be replaced."""

    begins_with = OLD

    def furnish(self) -> None:
        self.file = self.folder / "anchors.pem"
        self.file.write_bytes(self.begins_with)
        self.rewrite((str(pki().anchors), str(self.file)))
        lists = [str(made.out / "crl") for made in (pki(), another_pki())]
        self.write_settings({"revocation": {"crl_files": lists}})

    def pushes(self, anchors: bytes, event: str) -> Callable[[], Awaitable[None]]:
        """Put a list in the place of the one that is there, reload, and wait for what comes of it."""

        async def change() -> None:
            self.file.write_bytes(anchors)
            await self.reload()
            await self.told(event)

        return change


class TestNewAnchors(Anchors):
    async def test_are_added(self) -> None:
        """Long before anybody shows a certificate under them."""
        await self.nobody_notices(self.pushes(OLD + NEW, "settings.reloaded"))

    async def test_that_are_wrong_are_kept_out(self) -> None:
        """A list that would lock everybody out locks nobody out."""
        await self.nobody_notices(self.pushes(OTHER, "anchors.refused"))


class TestAnchorsOfBothGenerations(Anchors):
    begins_with = OLD + NEW

    async def test_lose_those_that_nobody_needs(self) -> None:
        """It counts once the peer was reached without them."""
        await self.nobody_notices(self.pushes(OLD, "anchors.proven"))

    async def test_carry_the_switchboard_over(self) -> None:
        """It answers under the new ones and calls under the old; the list of the new ones alone comes too early."""

        async def change() -> None:
            self.switch.use(certificates.Moved())
            await self.pushes(NEW, "anchors.waiting")()

        await self.nobody_notices(change)


class TestLists(Register, Loaded):
    async def test_that_revoke_nobody_disturb_nobody(self) -> None:
        """One comes every hour."""

        async def change() -> None:
            before = await self._age_s()
            self.revoke()
            await self.eventually(self._age_s, lambda age_s: age_s < before)

        await self.nobody_notices(change)

    async def test_that_revoke_another_end_that_one_only(self) -> None:
        """On a connection it was served on; nobody beside it loses a request."""
        stolen = self.second()

        async def change() -> None:
            wire = await self.outside(certificate=stolen).wire()
            # A client is done with its handshake before the server is: who was answered is through at both ends.
            assert await is_served(wire)
            self.revoke(stolen)
            assert (await wire.until(None)).count(b"HTTP/1.1 ") == 1

        await self.nobody_notices(change)
        assert self.logged("http.peer-refused")[-1]["code"] == "EN-TLS-REVOKED"

    async def test_that_are_half_written_are_left(self) -> None:
        """The list of before counts till it ends."""

        async def change() -> None:
            path = self.lists / f"{ISSUER}.crl"
            path.write_bytes(path.read_bytes()[:-20])
            await self.told("revocation.source")

        await self.nobody_notices(change)

    async def _age_s(self) -> float:
        lists = (await self.status())["revocation"]["lists"]
        return float(min(one["age_s"] for one in lists))


class TestBrokenFiles(Loaded):
    """Somebody copies half a file over a good one, and has the settings read again."""

    def furnish(self) -> None:
        self.own = self.folder / "own"
        shutil.copytree(pki().out / "practice", self.own)
        shutil.copytree(pki().out / "crl", self.own / "crl")
        shutil.copy(pki().anchors, self.own / "anchors.pem")
        self.rewrite(
            (str(pki().out / "practice"), str(self.own)),
            (str(pki().anchors), str(self.own / "anchors.pem")),
            (str(pki().out / "crl"), str(self.own / "crl")),
        )

    def halve(self, path: Path) -> None:
        """Leave half of a file."""
        mode, whole = path.stat().st_mode, path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(whole[: len(whole) // 2])
        path.chmod(mode)

    def refused(self, name: str, reload: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        """Break a file, and have the reload refused."""

        async def change() -> None:
            self.halve(self.own / name)
            with pytest.raises(EdgeNodeError):
                await reload()

        return change

    async def reloads_by_command(self) -> Any:
        """Do as `edge-node reload` does."""
        request = {"verb": "reload", "why": "new files"}
        return await deferToThread(control_client.ask, self.folder / "control.sock", request)

    async def test_of_a_certificate(self) -> None:
        """On a signal, as it is done from a script."""
        await self.nobody_notices(self.refused("chain.pem", self.reload))
        assert self.logged("settings.reloaded") == []

    async def test_of_a_key(self) -> None:
        """On a command, which a person gave."""
        await self.nobody_notices(self.refused("key.pem", self.reloads_by_command))
        assert self.logged("settings.reloaded") == []

    async def test_of_anchors(self) -> None:
        """The old ones count."""
        await self.nobody_notices(self.refused("anchors.pem", self.reloads_by_command))
        assert self.logged("settings.reloaded") == []

    async def test_of_a_list(self) -> None:
        """The settings are taken up all the same; of the list, what was read before counts."""

        async def change() -> None:
            self.halve(self.own / "crl" / f"{ISSUER}.crl")
            await self.reload()

        await self.nobody_notices(change)
        assert [line["is_up"] for line in await self.told("revocation.source")] == [False]
