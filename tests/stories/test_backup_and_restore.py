"""The machine of a practice is gone; another one takes over with the settings, last night's backup and a key."""

import shutil
from pathlib import Path
from typing import Any, ClassVar

from edge_node.machine import MachineChance, MachineClock
from edge_node.model.backup import Span
from edge_node.model.overview import By
from edge_node.sandbox.samples.people import patient
from edge_node.settings.load import load
from edge_node.store import recovery
from edge_node.store.drill import drill
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.restoring import Restored, Wanted, restore
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.stories.moves import ANNA
from tests.stories.story import Story, a_prescription
from tests.stories.test_renewing import Renewal, serial_of

BY = By(who="jan", why="asked the pharmacy")
BERT = patient(2)


class BackupStory(Story):
    given: ClassVar[dict[str, Any]] = {"version": 1}

    def furnish(self) -> None:
        recovery.make(self.folder / "safe.pem", self.folder / "public.pem")
        (self.folder / "backups").mkdir()
        backup = {"folder": str(self.folder / "backups"), "jitter_s": 86_400.0}
        self.write_settings(
            {"version": 1, "store": {"recovery_keys": [str(self.folder / "public.pem")], "backup": backup}}
        )

    @property
    def private(self) -> RecoveryPrivate:
        return recovery.load_private(self.folder / "safe.pem")

    async def back_up(self) -> Path:
        assert self.node is not None
        made = await self.node.services.backing_up.make(None, lambda *_: None)
        return Path(made.path)

    async def lose_the_machine(self) -> None:
        """Nothing of its disk is left."""
        await self.stop()
        shutil.rmtree(self.folder / "state")

    def wanted(self, file: Path) -> Wanted:
        settings = load(self.paths)
        sealing = SealingKeys(recovery=(self.private.public,))
        around = Surroundings(clock=MachineClock(), chance=MachineChance(), sealing=sealing)
        return Wanted(file=file, private=self.private, store=settings.store_path, around=around)

    def restore(self, file: Path) -> Restored:
        return restore(self.wanted(file))

    async def let_go(self, ending: str = "release") -> int:
        assert self.node is not None
        done = await self.node.store.safekeeping.act(ending, Span(), 1000, BY)
        for direction in set(done):
            self.node.carrying.line.wake(direction)
        return len(done)


class TestMachineThatIsGone(BackupStory):
    async def test_what_waited_is_held_and_goes_when_somebody_says_so(self) -> None:
        """The prescription of that night reaches the pharmacy, once, when it is known that it had not."""
        await self.switch.down()
        told = await self.send(a_prescription(patient=ANNA))
        file = await self.back_up()
        await self.lose_the_machine()
        assert self.restore(file).report.held == 1
        before = len(self.switch.heard)
        self.switch.up()
        self.start()
        await self.quiet()
        assert len(self.switch.heard) == before
        assert (await self.about(told))["state"] == "HELD"
        assert await self.let_go() == 1
        await self.comes_to("DELIVERED", told)
        assert len(self.switch.heard) == before + 1

    async def test_new_messages_are_taken_at_once(self) -> None:
        """The practice works on: other patients at once, the same patient behind what is held, in order."""
        await self.switch.down()
        await self.send(a_prescription(patient=ANNA))
        file = await self.back_up()
        await self.lose_the_machine()
        self.restore(file)
        self.switch.up()
        self.start()
        other = await self.send(a_prescription(patient=BERT))
        assert "edge-node-state" not in other.headers
        same = await self.send(a_prescription(patient=ANNA))
        assert same.headers["edge-node-state"] == "kept"
        await self.let_go("discard")
        await self.comes_to("DELIVERED", same)

    async def test_the_status_says_so_until_nothing_is_held(self) -> None:
        """Whoever comes on duty in the morning must see what is going on."""
        await self.switch.down()
        await self.send(a_prescription(patient=ANNA))
        file = await self.back_up()
        await self.lose_the_machine()
        self.restore(file)
        self.start()
        assert self.node is not None
        restored = [part.code for part in (await self.node.overseeing.look()).reasons if part.kind == "restored"]
        await self.let_go("discard")
        after = [part.kind for part in (await self.node.overseeing.look()).parts]
        assert (restored, "restored" in after) == (["EN-RESTORED"], False)

    async def test_a_copy_is_still_known(self) -> None:
        """A local system that is not sure sends again, and gets the answer it had."""
        prescription = a_prescription(patient=ANNA)
        first = await self.send(prescription)
        file = await self.back_up()
        await self.lose_the_machine()
        self.restore(file)
        self.start()
        heard = len(self.switch.heard)
        again = await self.send(prescription)
        assert (again.body, len(self.switch.heard)) == (first.body, heard)


class TestDrill(BackupStory):
    async def test_proves_a_backup_while_the_node_works(self) -> None:
        """Once a quarter, on an ordinary afternoon."""
        await self.send(a_prescription(patient=ANNA))
        file = await self.back_up()
        work = self.folder / "drill"
        work.mkdir()
        done = drill(self.wanted(file), work)
        assert (done.is_good, done.opened, done.unreadable) == (True, 1, 0)
        assert (await self.send(a_prescription(patient=BERT))).status == 200


class TestLog(BackupStory):
    async def test_tells_of_each_backup(self) -> None:
        """Where it went, and which key opens it; nothing of a message."""
        file = await self.back_up()
        (line,) = self.logged("backup.made")
        assert (line["file"], line["keys"]) == (str(file), [self.private.id])


class TestTheKeyOfACertificate(BackupStory, Renewal):
    async def test_is_in_no_backup(self) -> None:
        """A key in a backup cannot be taken back; a certificate can be had again."""
        before, given = await self.shown_out(), await self.issued()
        await self.install(given)
        assert await self.shown_out() == serial_of(given)
        file = await self.back_up()
        await self.lose_the_machine()
        self.restore(file)
        assert list((self.folder / "state").rglob("*.key.sealed")) == []
        self.start()
        assert await self.shown_out() == before
