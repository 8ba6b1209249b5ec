"""The right certificate is shown: the new one, or the old one while the new is refused; and files are watched."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from structlog.testing import capture_logs

from edge_node.errors import SettingsInvalid
from edge_node.sandbox.pki import PRACTICE
from edge_node.status.part import Health
from edge_node.wire.trust_certificate import fingerprint
from edge_node.wire.trust_installed import Installed, Standing, folder_of, write_index
from tests.stories import certificates
from tests.stories.caller import code_of, seen
from tests.stories.certificates import another_pki, pki
from tests.stories.story import Story, a_query


def _leaf_of(made: Any) -> str:
    from cryptography import x509

    return fingerprint(x509.load_pem_x509_certificates(made.files("practice").chain.read_bytes())[0])


class Installing(Story):
    """A practice on which a certificate of the next generation was installed, with the old one in the settings."""

    given: ClassVar[Mapping[str, Any]] = {"switchboard": {"refused_certificate_retry_s": 0.3}}

    def furnish(self) -> None:
        folder = folder_of(self.folder / "state", "practice")
        new = another_pki().files("practice")
        pair = Installed(
            certificate="new.pem",
            key=str(new.key),
            fingerprint=_leaf_of(another_pki()),
            standing=Standing.CURRENT,
            at=datetime.now(UTC) + timedelta(days=1),
        )
        write_index(folder, (pair,))
        shutil.copy(new.chain, folder / "new.pem")

    async def part(self, kind: str, name: str) -> Any:
        assert self.node is not None
        found = [it for it in (await self.node.overseeing.look()).parts if (it.kind, it.name) == (kind, name)]
        return found[0] if found else None

    async def switch_knows_both(self) -> None:
        await self.switch.down()
        self.switch.use(certificates.ServerTls("switchboard", another_pki().anchors))
        self.switch.up()

    def in_use(self) -> str:
        assert self.node is not None
        shown = self.node.in_force.wired.held.choices["practice"].in_use
        assert shown is not None
        return shown.fingerprint


class TestNewCertificate(Installing):
    async def test_goes_before_the_one_in_the_settings(self) -> None:
        """Nobody has to edit the settings for a renewal."""
        await self.switch_knows_both()
        await self.send(a_query())
        assert (self.in_use(), self.switch.heard[0].organisation) == (_leaf_of(another_pki()), PRACTICE[0])

    async def test_that_the_switchboard_refuses_makes_way_for_the_old_one(self) -> None:
        """The switchboard does not know the new CA yet: the practice goes on, and is told once."""
        with capture_logs() as lines:
            await self.send(a_query())  # meets the refusal
            await self.eventually(self.shown, lambda mark: mark == _leaf_of(pki()))
            told = await self.send(a_query())
        assert seen(told).type_code == "AA"
        assert [one["event"] for one in lines if one["event"].startswith("certificate.")] == [
            "certificate.refused",
            "certificate.switched",
        ]
        part = await self.part("certificate", "practice")
        assert (part.health, part.code) == (Health.DEGRADED, "EN-CERTIFICATE-REFUSED")

    async def test_that_met_a_refusal_cost_no_message(self) -> None:
        """Nothing of the request had left: it is told so, and may be sent again."""
        told = await self.send(a_query())
        assert code_of(told) != "EN-OUTCOME-UNKNOWN"

    async def test_is_shown_again_when_the_switchboard_takes_it(self) -> None:
        """By itself, without a reload: the node asks now and then."""
        await self.send(a_query())
        await self.eventually(self.shown, lambda mark: mark == _leaf_of(pki()))
        await self.switch_knows_both()
        await self.eventually(self.shown, lambda mark: mark == _leaf_of(another_pki()))
        told = await self.send(a_query())
        assert seen(told).type_code == "AA"

    async def test_is_told_of_once_over_restarts(self) -> None:
        """A node that restarts each night mails once."""
        for _ in range(2):
            await self.send(a_query())
            await self.eventually(self.shown, lambda mark: mark == _leaf_of(pki()))
            await self.restart()
        assert self.node is not None
        assert len(await self.node.store.certificates.after(None, 0, 10)) == 1

    async def shown(self) -> str:
        return self.in_use()


class TestFilesOnDisk(Story):
    def furnish(self) -> None:
        """The practice's certificate lies where the story may spoil it."""
        files = pki().files("practice")
        self.chain, self.key = self.folder / "practice.pem", self.folder / "practice.key"
        shutil.copy(files.chain, self.chain)
        shutil.copy(files.key, self.key)
        self.rewrite((str(files.chain), str(self.chain)), (str(files.key), str(self.key)))

    async def seen_parts(self) -> dict[str, Any]:
        assert self.node is not None
        await self.node.services.certifying._watching.look()
        return {it.code: it for it in (await self.node.overseeing.look()).parts if it.kind == "certificate files"}

    def spoil(self, content: bytes) -> None:
        self.chain.write_bytes(content)

    async def test_as_they_were_read_are_not_told_of(self) -> None:
        """Nobody is called for nothing."""
        assert await self.seen_parts() == {}

    async def test_half_written_are_told_and_all_goes_on(self) -> None:
        """A copy that broke off at night must wait until morning, and be seen then."""
        self.spoil(self.chain.read_bytes()[:700])
        parts = await self.seen_parts()
        assert str(self.chain) in parts["EN-CERTIFICATE-FILE"].detail
        assert seen(await self.send(a_query())).type_code == "AA"

    async def test_half_written_are_refused_by_a_reload_and_still_told(self) -> None:
        """The reload says why, and changes nothing; the status goes on saying it."""
        self.spoil(b"")
        with self.assertRaises(SettingsInvalid):
            await self.reload()
        assert "EN-CERTIFICATE-FILE" in await self.seen_parts()
        assert seen(await self.send(a_query())).type_code == "AA"

    async def test_that_do_not_match_are_told(self) -> None:
        """The new certificate was copied, the new key not yet."""
        self.spoil(another_pki().files("practice").chain.read_bytes())
        assert "is not the key of" in (await self.seen_parts())["EN-CERTIFICATE-FILE"].detail

    async def test_that_are_gone_are_told(self) -> None:
        """A restart would not start: somebody has to know before."""
        self.key.unlink()
        assert "EN-CERTIFICATE-FILE" in await self.seen_parts()

    async def test_that_others_can_read_are_told(self) -> None:
        """A mode changed by hand shows as soon as a content."""
        self.key.chmod(0o644)
        parts = await self.seen_parts()
        assert (list(parts), str(self.key) in parts["EN-KEY-EXPOSED"].detail) == (["EN-KEY-EXPOSED"], True)

    async def test_that_are_good_and_new_wait_for_a_reload(self) -> None:
        """Who copies several files says himself when he is done."""
        new = another_pki().files("practice")
        self.key.unlink()
        shutil.copy(new.key, self.key)
        self.spoil(new.chain.read_bytes())
        assert list(await self.seen_parts()) == ["EN-CERTIFICATE-CHANGED"]
        await self.reload()
        assert await self.seen_parts() == {}

    async def test_put_right_are_told_of_no_more(self) -> None:
        """The last good state is the one in use."""
        good = self.chain.read_bytes()
        self.spoil(b"-")
        await self.seen_parts()
        self.spoil(good)
        with capture_logs() as lines:
            assert await self.seen_parts() == {}
        # The node calls the switchboard by itself after its start; what was agreed there may be told in between.
        told = [one["event"] for one in lines if one["event"] != "tls.phase-out"]
        assert told == ["certificate.files-in-use"]

    async def test_are_looked_at_within_five_seconds(self) -> None:
        """By itself, on the node's own timer."""
        self.spoil(b"-")
        assert self.node is not None
        node = self.node
        await self.eventually(self.on_disk, bool)
        assert node.services.certifying.on_disk.broken

    async def on_disk(self) -> tuple[str, ...]:
        assert self.node is not None
        return self.node.services.certifying.on_disk.broken
