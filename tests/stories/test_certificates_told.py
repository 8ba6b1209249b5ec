"""The end of a certificate comes nearer: the practice is mailed, in Dutch, once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import trustme
from twisted.internet.defer import ensureDeferred

from edge_node.sandbox.pki import PRACTICE, Pki, make_pki
from tests import mail_server
from tests.stories.certificates import pki
from tests.stories.story import Story

CA = trustme.CA()
#: Certificates of the sandbox last 1,095 days.
LEFT = 5


@cache
def ending() -> Pki:
    """The same names in certificates that end in five days, whose CAs last."""
    return make_pki(Path(mkdtemp()) / "pki", now=datetime.now(UTC) - timedelta(days=1095 - LEFT, hours=-1), bad=False)


class TestCountdown(Story):
    def furnish(self) -> None:
        """The practice's certificate is the one that ends; whom the mail goes to."""
        self.post = mail_server.MailServer(mail_server.ServerTls(CA, "localhost"))
        self.post.login = (b"node", b"mail password")
        self.post.up()
        self.addCleanup(lambda: ensureDeferred(self.post.down()))
        secret = self.folder / "mail.secret"
        secret.touch(mode=0o600)
        secret.write_text("mail password", encoding="utf-8")
        (self.folder / "mail.pem").write_bytes(CA.cert_pem.bytes())
        old, new = pki().files("practice"), ending().files("practice")
        self.rewrite((str(old.chain), str(new.chain)), (str(old.key), str(new.key)))
        self.write_settings({"alerts": self.alerts()})

    def alerts(self) -> Mapping[str, Any]:
        return {
            "help_name": "Zorgnet Noord",
            "mail": {
                "host": "localhost",
                "port": self.post.port,
                "anchors": str(self.folder / "mail.pem"),
                "user": "node",
                "password_file": str(self.folder / "mail.secret"),
                "sender": "edge-node@example.org",
                "to": ["beheer@example.org"],
                "network_to": ["servicedesk@example.net"],
            },
        }

    async def a_day_goes_by(self) -> None:
        """The node has run for a while, and its clock is believed."""
        assert self.node is not None
        self.node.carrying.clock_watch._quiet_until_s = 0.0
        await self.node.services.certifying._countdown.round()

    async def test_reaches_the_practice_and_its_network_in_dutch(self) -> None:
        """What stops, by when, and what to do: before the day, to those who can act."""
        await self.quiet()  # both ways of telling have begun
        await self.a_day_goes_by()
        await self.post.has_taken(2)
        self.assertEqual({to for to, _ in self.post.mails}, {"beheer@example.org", "servicedesk@example.net"})
        _, mail = self.post.mails[0]
        self.assertEqual(mail["Subject"].strip(), f"[TEST] Certificaat eindigt over 7 dag(en): {PRACTICE[0]}")
        self.assertIn("cert csr", mail.get_content())

    async def test_is_told_once_over_a_restart(self) -> None:
        """A node that restarts each night mails once."""
        await self.quiet()
        for _ in range(2):
            await self.a_day_goes_by()
            await self.restart()
            await self.quiet()
        await self.a_day_goes_by()
        assert self.node is not None
        self.assertEqual(len(await self.node.store.certificates.after(None, 0, 10)), 1)

    async def test_stands_in_the_status_at_once(self) -> None:
        """Who looks need not wait for a mail."""
        assert self.node is not None
        parts = {(it.kind, it.name): it for it in (await self.node.overseeing.look()).parts}
        self.assertEqual(parts["certificate", "practice"].code, "EN-CERTIFICATE-ENDING")
        self.assertEqual(parts["certificate", "pharmacy"].code, "")
