"""What the node keeps is sealed, and the keys change while it serves."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from twisted.internet.threads import deferToThreadPool

from edge_node.errors import EdgeNodeError
from edge_node.status.control_client import ask
from edge_node.store import recovery
from tests.stories.moves import ANNA
from tests.stories.story import Story, a_prescription, reactor


class KeyStory(Story):
    """A message waits while the switchboard is down."""

    given: ClassVar[dict[str, Any]] = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def a_message_waits(self) -> Any:
        await self.switch.down()
        return await self.send(a_prescription())

    async def it_arrives(self, told: Any) -> None:
        self.switch.up()
        await self.comes_to("DELIVERED", told)

    @property
    def state_dir(self) -> Path:
        (store,) = self.folder.rglob("store.db")
        return store.parent


class TestWhatIsKept(KeyStory):
    async def test_is_in_no_file_of_the_node(self) -> None:
        """Not the number of the patient, not the medicine: the disk may be stolen tonight."""
        await self.a_message_waits()
        await self.stop()
        files = [path for path in self.state_dir.iterdir() if path.is_file()]
        assert [path.name for path in files if ANNA.bsn.encode() in path.read_bytes()] == []
        assert [path.name for path in files if b"<PORX_IN" in path.read_bytes()] == []


class TestRotation(KeyStory):
    async def test_changes_the_key_while_the_node_serves(self) -> None:
        """Somebody who knew the key left; no message waits for that, none is lost."""
        told = await self.a_message_waits()
        before = (self.state_dir / "sealing.key").read_bytes()
        socket = self.folder / "control.sock"
        request = {"verb": "store.rotate-key", "why": "a colleague left"}
        changed = await deferToThreadPool(reactor, self._pool, ask, socket, request)
        assert changed["file"] is None
        assert (self.state_dir / "sealing.key").read_bytes() != before
        await self.restart()
        await self.it_arrives(told)


class TestRecoveryKeys(KeyStory):
    async def test_are_taken_up_at_a_reload(self) -> None:
        """What waits now can be opened when the machine is gone tomorrow."""
        await self.a_message_waits()
        made = recovery.make(self.folder / "safe.pem", self.folder / "node.pem")
        self.write_settings({**self.given, "store": {"recovery_keys": [str(self.folder / "node.pem")]}})
        await self.reload()
        with sqlite3.connect(self.state_dir / "store.db") as connection:
            found = connection.execute("SELECT DISTINCT by FROM wrapped_keys").fetchall()
        connection.close()
        assert (made.id,) in found


class TestWrongKey(KeyStory):
    async def test_keeps_the_node_from_starting(self) -> None:
        """The file of another machine: the node says which file, and touches nothing."""
        told = await self.a_message_waits()
        await self.stop()
        key = self.state_dir / "sealing.key"
        shutil.copy(key, self.folder / "kept.key")
        key.chmod(0o600)
        key.write_bytes(b"x" * 32)
        with self.assertRaises(EdgeNodeError) as caught:
            self.start()
        assert caught.exception.code == "EN-SEALING-KEY"
        assert str(key) in caught.exception.detail
        shutil.copy(self.folder / "kept.key", key)
        self.start()
        await self.it_arrives(told)
