"""What revocation does to a practice is mailed at once, in Dutch, and once."""

import trustme
from twisted.internet.defer import ensureDeferred

from edge_node.sandbox.pki import PRACTICE
from tests import mail_server
from tests.stories.test_revocation import ISSUER, Register

CA = trustme.CA()


class TestRevocation(Register):
    def furnish(self) -> None:
        super().furnish()
        self.post = mail_server.MailServer(mail_server.ServerTls(CA, "localhost"))
        self.post.up()
        self.addCleanup(lambda: ensureDeferred(self.post.down()))
        (self.folder / "mail.pem").write_bytes(CA.cert_pem.bytes())
        mail = {
            "host": "localhost",
            "port": self.post.port,
            "anchors": str(self.folder / "mail.pem"),
            "sender": "edge-node@example.org",
            "to": ["beheer@example.org"],
        }
        looked = {"crl_files": [str(self.lists)], "crl_files_every_s": 0.05}
        self.write_settings({"revocation": looked, "alerts": {"mail": mail}})

    async def told(self) -> int:
        """How many things were written down to be told."""
        assert self.node is not None
        return len(await self.node.store.certificates.after(None, 0, 10))

    async def test_of_our_own_certificate_is_mailed(self) -> None:
        """Nothing works from then on, and nobody looks at the status at night."""
        await self.quiet()
        self.revoke("practice")
        await self.post.has_taken(1)
        _, mail = self.post.mails[0]
        assert mail["Subject"].strip() == f"[TEST] CERTIFICAAT INGETROKKEN: {PRACTICE[0]}"
        assert "cert csr" in mail.get_content()

    async def test_is_told_once_over_a_restart(self) -> None:
        """It stays revoked for ever; that is no news each morning."""
        await self.quiet()
        self.revoke("practice")
        await self.eventually(self.told, bool)
        await self.restart()
        await self.quiet()
        assert await self.told() == 1

    async def test_of_a_source_that_is_dead_is_mailed(self) -> None:
        """As long as the list of before holds there is time to mend it."""
        await self.quiet()
        path = self.lists / f"{ISSUER}.crl"
        path.write_bytes(path.read_bytes()[:-20])
        await self.post.has_taken(1)
        _, mail = self.post.mails[0]
        assert mail["Subject"].strip().startswith("[TEST] Geen intrekkingslijst van: ")
