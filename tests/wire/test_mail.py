"""Mail is handed to a real mail server on loopback, over TLS that is verified."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import trustme
from cryptography import x509
from twisted.internet import reactor as _reactor
from twisted.internet.defer import ensureDeferred
from twisted.mail.smtp import SMTPServerError
from twisted.trial.unittest import TestCase

from edge_node.errors import Unavailable
from edge_node.machine import MachineClock
from edge_node.model.letter import Letter, Taken
from edge_node.wire.mail import MailDoor, MailServer, written
from edge_node.wire.trust import Surroundings, local_client_tls
from tests import mail_server
from tests.wire.revocations import NothingRevoked

reactor: Any = _reactor
LETTER = Letter(
    sender="node@example.org",
    to=("praktijk@example.org", "dienst@example.org"),
    subject="BEL: LSP-bericht niet aangekomen (HIS)",
    text="edge node\n\n.één regel met een punt ervoor\n",
    name="0123abcd",
    at_s=1_790_000_000.0,
    is_urgent=True,
)
CA = trustme.CA(key_type=trustme.KeyType.RSA)


def served(name: str, *, ca: trustme.CA = CA, implicit: bool = False) -> mail_server.MailServer:
    """A mail server with a certificate for that name."""
    return mail_server.MailServer(mail_server.ServerTls(ca, name), implicit=implicit)


class Mailing(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.refused: list[str] = []

    def door(self, server: mail_server.MailServer, mode: Any, **other: Any) -> MailDoor:
        around = Surroundings(
            now=MachineClock().moment, revocation=NothingRevoked(), refused=lambda code, *_: self.refused.append(code)
        )
        anchors = (x509.load_pem_x509_certificate(CA.cert_pem.bytes()),)
        tls = None if mode == "none" else local_client_tls("localhost", anchors, around)
        way = MailServer(
            host="localhost",
            port=server.port,
            mode=mode,
            tls=tls,
            user=other.get("user"),
            password=other.get("password"),
            timeout_s=other.get("timeout_s", 10.0),
        )
        return MailDoor(way, reactor)

    def up(self, server: mail_server.MailServer) -> mail_server.MailServer:
        server.up()
        self.addCleanup(lambda: ensureDeferred(server.down()))
        return server

    async def refusal(self, door: MailDoor) -> Unavailable:
        try:
            await door.send(LETTER)
        except Unavailable as error:
            return error
        raise AssertionError("it was sent")


class TestTaken(Mailing):
    async def test_over_starttls_with_a_login(self) -> None:
        """What most mail servers ask."""
        server = self.up(served("localhost"))
        server.login = (b"node", b"mail password")
        await self.door(server, "starttls", user="node", password="mail password").send(LETTER)
        self.assertEqual([to for to, _ in server.mails], ["praktijk@example.org", "dienst@example.org"])
        _, mail = server.mails[0]
        self.assertEqual(mail["Subject"], LETTER.subject)
        self.assertIn("één regel", mail.get_content())

    async def test_over_tls_from_the_first_byte(self) -> None:
        """Port 465."""
        server = self.up(served("localhost", implicit=True))
        await self.door(server, "implicit").send(LETTER)
        self.assertEqual(len(server.mails), 2)

    async def test_plainly_on_the_same_machine(self) -> None:
        """A relay on the machine itself needs no TLS."""
        server = self.up(mail_server.MailServer())
        await self.door(server, "none").send(LETTER)
        self.assertEqual(len(server.mails), 2)

    async def test_by_the_others_where_one_address_is_unknown(self) -> None:
        """A colleague who left must not keep the mail from those who stayed; nor may they get it again and again."""
        server = self.up(mail_server.MailServer())
        server.unknown.add("praktijk@example.org")
        taken = await self.door(server, "none").send(LETTER)
        self.assertEqual([to for to, _ in server.mails], ["dienst@example.org"])
        self.assertEqual(taken, Taken(refused=("praktijk@example.org",)))

    async def test_says_whom_the_server_puts_off(self) -> None:
        """A server that does not know us yet says to come back, for one address and not for another."""
        server = self.up(mail_server.MailServer())
        server.put_off.add("dienst@example.org")
        taken = await self.door(server, "none").send(LETTER)
        self.assertEqual([to for to, _ in server.mails], ["praktijk@example.org"])
        self.assertEqual(taken, Taken(put_off=("dienst@example.org",)))

    async def test_once_to_an_address_that_is_named_twice(self) -> None:
        """A slip in the settings is no second mail."""
        server = self.up(mail_server.MailServer())
        await self.door(server, "none").send(replace(LETTER, to=("a@example.org", "a@example.org")))
        self.assertEqual(len(server.mails), 1)


class TestRefused(Mailing):
    async def test_a_server_without_starttls_hears_nothing(self) -> None:
        """Who sits on the wire could take the offer of TLS away."""
        server = self.up(mail_server.MailServer())
        error = await self.refusal(self.door(server, "starttls"))
        self.assertEqual((error.code, server.mails), ("EN-MAIL-FAILED", []))

    async def test_a_certificate_for_another_name_over_starttls(self) -> None:
        """The password must not go to whoever answers."""
        server = self.up(served("elsewhere.example"))
        server.login = (b"node", b"mail password")
        error = await self.refusal(self.door(server, "starttls", user="node", password="mail password"))
        self.assertEqual((error.code, self.refused), ("EN-MAIL-FAILED", ["EN-TLS-NAME"]))
        self.assertEqual([line[:4] for line in server.heard], [b"EHLO", b"STAR"])

    async def test_a_certificate_for_another_name_over_tls(self) -> None:
        """The same where TLS comes first."""
        server = self.up(served("elsewhere.example", implicit=True))
        error = await self.refusal(self.door(server, "implicit"))
        self.assertEqual((error.code, self.refused, server.heard), ("EN-MAIL-FAILED", ["EN-TLS-NAME"], []))

    async def test_a_certificate_of_another_authority(self) -> None:
        """Only the anchors of the settings count."""
        server = self.up(served("localhost", ca=trustme.CA(key_type=trustme.KeyType.RSA)))
        await self.refusal(self.door(server, "starttls"))
        self.assertEqual((self.refused, server.mails), (["EN-TLS-INCOMPLETE"], []))

    async def test_a_wrong_password(self) -> None:
        """It is told, without the password and without what the server said."""
        server = self.up(served("localhost"))
        server.login = (b"node", b"mail password")
        error = await self.refusal(self.door(server, "starttls", user="node", password="another one"))
        self.assertEqual(error.code, "EN-MAIL-FAILED")
        self.assertNotIn("another", str(error))

    async def test_a_server_that_says_not_now(self) -> None:
        """It is tried again later, by whoever sends."""
        server = self.up(mail_server.MailServer())
        server.refuses_mail = True
        error = await self.refusal(self.door(server, "none"))
        self.flushLoggedErrors(SMTPServerError)  # the double's own
        self.assertEqual(error.code, "EN-MAIL-FAILED")

    async def test_a_server_that_says_nothing(self) -> None:
        """Nothing waits longer than its time."""
        server = self.up(mail_server.MailServer())
        server.is_silent = True
        error = await self.refusal(self.door(server, "none", timeout_s=0.2))
        self.assertEqual(error.code, "EN-MAIL-FAILED")

    async def test_a_server_that_is_not_there(self) -> None:
        """Its address was never wrong before the mail server moved."""
        server = mail_server.MailServer()
        server.up()
        await server.down()
        error = await self.refusal(self.door(server, "none"))
        self.assertEqual(error.code, "EN-MAIL-FAILED")


class TestWritten:
    def test_tells_who_answers_by_itself_to_stay_silent(self) -> None:
        """Out-of-office answers to a machine help nobody."""
        assert b"Auto-Submitted: auto-generated" in written(LETTER)

    def test_marks_what_cannot_wait(self) -> None:
        """A mail reader shows it first."""
        assert b"Importance: high" in written(LETTER)

    def test_is_well_formed(self) -> None:
        """Mail that looks made by a machine at random goes into the box for junk."""
        mail = message_from_bytes(written(replace(LETTER, subject="Wél één: “kastje”")), policy=default)
        assert mail["Subject"] == "Wél één: “kastje”"
        assert mail["Message-ID"] == "<0123abcd@example.org>"
        assert mail["Date"].datetime.timestamp() == LETTER.at_s
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail.get_content() == LETTER.text
        assert mail.defects == []

    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\0"])
    def test_line_end_in_a_subject_begins_no_header(self, end: str) -> None:
        """A certificate may call itself anything, and it stands in the subject when its list is away."""
        mail = message_from_bytes(written(replace(LETTER, subject=f"lijst{end}Bcc: x@example.org")), policy=default)
        assert mail["Subject"] == "lijst Bcc: x@example.org"
        assert mail["Bcc"] is None

    def test_long_subject_is_folded(self) -> None:
        """A name of 256 signs is a name; no line of a mail is longer than 998 (RFC 5322)."""
        mail = written(replace(LETTER, subject="é" * 700, to=("a@example.org",) * 60))
        assert max(len(line) for line in mail.splitlines()) <= 998
