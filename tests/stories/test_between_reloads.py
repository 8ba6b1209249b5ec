"""Between two reloads a node goes on with what it read, whatever is put on its disk meanwhile."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from twisted.internet.defer import ensureDeferred

from edge_node.errors import SettingsInvalid
from edge_node.model.anchors import Phase
from edge_node.sandbox.pki import make_pki
from tests.stories.certificates import pki
from tests.stories.story import a_query
from tests.stories.test_anchors import BOTH, OTHER, RIGHT, TestAnchors
from tests.stories.test_renewing import Renewal, serial_of


class OfItsOwn(TestAnchors):
    """A site whose certificate, key and anchors can be replaced."""

    begins_with = BOTH

    def furnish(self) -> None:
        super().furnish()
        made = pki().files("practice")
        self.certificate, self.key = self.folder / "own.pem", self.folder / "own.key"
        self.put(made.chain, made.key)
        self.rewrite((str(made.chain), str(self.certificate)), (str(made.key), str(self.key)))

    def put(self, certificate: Path, key: Path) -> None:
        """Copy another pair over the one that is there."""
        shutil.copy(certificate, self.certificate)
        self.key.unlink(missing_ok=True)
        shutil.copy(key, self.key)
        self.key.chmod(0o400)

    @property
    def shown(self) -> str:
        """The fingerprint of what the practice shows."""
        assert self.node is not None
        return self.node.in_force.wired.held.own["identities", 0].certificate.fingerprint

    @property
    def trusts_the_other(self) -> bool:
        assert self.node is not None
        other = x509.load_pem_x509_certificate(OTHER)
        (peer,) = [peer for peer in self.node.in_force.wired.peers if peer.role == "zim"]
        return other in peer.anchors

    async def removal_waits(self) -> None:
        """A list without the other root is pushed while the switchboard is away."""
        await self.switch.down()
        await self.push(RIGHT)
        await self.told("anchors.waiting")
        assert self.trusts_the_other


class TestWhatLiesOnDisk(OfItsOwn):
    async def test_is_not_taken_up_by_anything_but_a_reload(self) -> None:
        """A reload refused a certificate that ended; hours later new anchors must not bring it in use."""
        assert self.node is not None
        before = self.shown
        ended = make_pki(self.folder / "ended", now=datetime.now(UTC) - timedelta(days=1200), bad=False)
        self.put(ended.files("practice").chain, ended.files("practice").key)
        with self.assertRaises(SettingsInvalid):
            await self.reload()
        self.node.in_force.rewire()
        assert self.shown == before

    async def test_broken_does_not_keep_a_root_trusted_that_must_go(self) -> None:
        """A CA is compromised at the moment somebody copies a certificate, which has nothing to do with it."""
        assert self.node is not None
        await self.removal_waits()
        self.certificate.write_bytes(self.certificate.read_bytes()[:500])
        self.node.in_force.anchoring.accept(None)
        assert not self.trusts_the_other
        self.switch.up()
        assert await self.passes()

    async def test_is_compared_with_what_is_in_use(self) -> None:
        """The watch must not say that files are in use which no connection ever took."""
        assert self.node is not None
        before = self.node.in_force.wired.held.anchors
        self.file.write_bytes(RIGHT)
        self.node.in_force.rewire()
        assert self.node.in_force.wired.held.anchors == before


class TestAnchorsThatCannotBeUsed(OfItsOwn):
    """What people are told counts must be what every connection is judged by."""

    def fails_once(self) -> None:
        """The next swap fails, whatever for."""
        assert self.node is not None
        anchoring = self.node.in_force.anchoring
        parts = anchoring._parts

        def swap() -> None:
            anchoring._parts = parts
            raise SettingsInvalid(("no more memory",))

        anchoring._parts = replace(parts, swap=swap)

    async def test_are_not_told_to_be_accepted(self) -> None:
        """A person who removed a compromised CA goes home when told that it is gone."""
        assert self.node is not None
        await self.removal_waits()
        self.fails_once()
        with self.assertRaises(SettingsInvalid):
            self.node.in_force.anchoring.accept(None)
        assert (self.phases, self.logged("anchors.accepted")) == ([Phase.WAITING], [])
        self.node.in_force.anchoring.accept(None)
        assert (self.trusts_the_other, self.phases) == (False, [])
        self.switch.up()

    async def test_are_not_told_to_be_proven(self) -> None:
        """They are tried again, and used then."""
        assert self.node is not None
        await self.removal_waits()
        self.switch.up()
        self.fails_once()
        await self.node.in_force.anchoring.tend()
        assert (self.trusts_the_other, self.logged("anchors.proven")) == (True, [])
        await self.node.in_force.anchoring.tend()
        assert (self.trusts_the_other, len(self.logged("anchors.proven"))) == (False, 1)

    async def test_are_used_at_the_next_look(self) -> None:
        """A wrong list was refused, and one of its CAs must not stay trusted for that."""
        assert self.node is not None
        await self.push(RIGHT)
        await self.told("anchors.proven")
        self.fails_once()
        await self.push(OTHER)
        await self.told("anchors.refused")
        await self.node.in_force.anchoring.tend()
        assert not self.trusts_the_other

    async def test_because_the_node_stops_are_left_for_the_next_start(self) -> None:
        """A trial under way ends after the stop: a node that is closing makes no new connections."""
        assert self.node is not None
        await self.removal_waits()
        self.switch.up()
        trial = ensureDeferred(self.node.in_force.anchoring.tend())
        self.node.in_force.anchoring.stop()
        await trial
        assert (self.trusts_the_other, self.logged("anchors.proven")) == (True, [])


class TestAReload(OfItsOwn):
    async def test_that_waits_for_the_store_undoes_nothing(self) -> None:
        """A root was told to be gone from now on, while somebody else reloaded."""
        node: Any = self.node
        await self.removal_waits()
        original = node.store.keys.recover_for

        async def meanwhile(keys: Any) -> Any:
            node.in_force.anchoring.accept(None)
            return await original(keys)

        node.store.keys.recover_for = meanwhile
        await self.reload()
        assert not self.trusts_the_other
        self.switch.up()


class TestALargeKey(Renewal):
    """RSA of 4096 bits, as the register's certificates are by default."""

    timeout = 120
    kind = "RSA-4096"

    async def test_is_not_tested_anew_by_a_swap(self) -> None:
        """Each test stops the whole node for a quarter of a second, and so every request in hand."""
        assert self.node is not None
        given = await self.issued()
        before = self.node.in_force.sound.tested
        await self.install(given)
        self.node.in_force.rewire()
        await self.node.services.certifying._watching.look()
        assert (self.node.in_force.sound.tested, await self.shown_in()) == (before, serial_of(given))

    async def test_of_others_is_not_even_read_by_a_swap(self) -> None:
        """Ten organisations behind one node: the certificate of one is the business of that one."""
        assert self.node is not None
        before = [own.key for own in self.node.in_force.wired.certificates[1:]]
        await self.install(await self.issued())
        after = [own.key for own in self.node.in_force.wired.certificates[1:]]
        assert [one is other for one, other in zip(before, after, strict=True)] == [True] * len(before)


class TestOneThatWasRefused(Renewal):
    async def refused(self) -> list[str]:
        """The switchboard refuses what was installed, so the one before it is shown."""
        assert self.node is not None
        given = await self.issued()
        before = await self.shown_out()
        done = await self.install(given)
        self.node.in_force.falling_back.turned_down(done["now"]["fingerprint"], "switchboard")
        await self.eventually(self.shown_in, lambda serial: serial == before)
        return given

    async def test_is_shown_when_it_is_installed_again(self) -> None:
        """The switchboard mended its list and takes it: told to be in use, it must be."""
        given = await self.refused()
        done = await self.install(given)
        assert (done["result"], await self.shown_out()) == ("in use", serial_of(given))

    async def test_is_shown_once_a_trial_shows_that_it_is_taken(self) -> None:
        """Who tries it should not have to wait a quarter of an hour for the node to believe it."""
        given = await self.refused()
        trials = await self.verb("cert.test", identity="practice")
        assert [(one["standing"], one["tried"][0]["outcome"]) for one in trials] == [
            ("in use", "taken"),
            ("refused", "taken"),
        ]
        await self.eventually(self.shown_in, lambda serial: serial == serial_of(given))
        await self.send(a_query())
