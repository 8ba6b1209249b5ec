"""A webhook is called over verified TLS, and only a 2xx means that it was taken."""

from typing import Any

import trustme
from cryptography import x509
from twisted.internet import reactor as _reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.trial.unittest import TestCase

from edge_node.errors import Unavailable
from edge_node.machine import MachineClock
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.trust import Surroundings, local_client_tls
from edge_node.wire.webhook import WebhookDoor
from tests.mail_server import ServerTls
from tests.stories import moves
from tests.stories.far_end import FarEnd
from tests.wire.revocations import NothingRevoked

reactor: Any = _reactor
CA = trustme.CA(key_type=trustme.KeyType.RSA)
HEADERS = (("content-type", "application/json"), ("webhook-id", "gp-1.1"))


class TestWebhook(TestCase):
    timeout = 20

    def up(self, usual: Any, name: str = "localhost") -> FarEnd:
        far = FarEnd(usual, ServerTls(CA, name))
        far.up()
        self.addCleanup(lambda: ensureDeferred(far.down()))
        return far

    def door(self, far: FarEnd, timeout_s: float = 5.0) -> WebhookDoor:
        around = Surroundings(now=MachineClock().moment, revocation=NothingRevoked(), refused=lambda *_: None)
        tls = local_client_tls("localhost", (x509.load_pem_x509_certificate(CA.cert_pem.bytes()),), around)
        endpoint = wrapClientTLS(tls, HostnameEndpoint(reactor, "localhost", far.port))
        to = Destination(
            endpoint=endpoint,
            authority="localhost",
            limits=Limits(idle_s=25.0),
            judge=tls.judge,
            to_the_end=True,
        )
        client = HttpClient(to, reactor)
        self.addCleanup(lambda: client.close(limit_s=0.1))
        return WebhookDoor(client=client, target="/news", timeout_s=timeout_s)

    async def refusal(self, door: WebhookDoor) -> str:
        try:
            await door.call(HEADERS, b"{}")
        except Unavailable as error:
            return f"{error.code} {error.detail}"
        return "taken"

    async def test_is_called_with_headers_and_body(self) -> None:
        """What the local system verifies is what was signed."""
        far = self.up(moves.says(b"thanks"))
        await self.door(far).call(HEADERS, b'{"id": 1}')
        (turn,) = far.heard
        self.assertEqual((turn.method, turn.path, turn.body), ("POST", "/news", b'{"id": 1}'))
        self.assertEqual(turn.headers["webhook-id"], "gp-1.1")

    async def test_any_other_status_is_not_taken(self) -> None:
        """A redirect leads nowhere: the settings say where to go."""
        far = self.up(lambda turn: turn.answer(b"", 302, headers={"location": "https://elsewhere.example/"}))
        self.assertEqual(await self.refusal(self.door(far)), "EN-WEBHOOK-FAILED HTTP status 302")

    async def test_a_certificate_for_another_name_is_told_nothing(self) -> None:
        """What became of messages is nobody else's business."""
        far = self.up(moves.says(b""), "elsewhere.example")
        self.assertIn("EN-TLS-NAME", await self.refusal(self.door(far)))
        self.assertEqual(far.heard, [])

    async def test_one_that_says_nothing_costs_its_time_and_no_more(self) -> None:
        """The next try comes later."""
        self.assertIn("EN-WEBHOOK-FAILED", await self.refusal(self.door(self.up(moves.silent), timeout_s=0.2)))

    async def test_an_endless_answer_is_not_read(self) -> None:
        """The status has said it all."""
        far = self.up(moves.says(b"x" * 1_000_000))
        await self.door(far).call(HEADERS, b"{}")

    async def test_taken_is_taken_however_the_body_ends(self) -> None:
        """Who took it is not told the same again for a body that nobody reads."""
        far = self.up(lambda turn: turn.break_off(b"half"))
        self.assertEqual(await self.refusal(self.door(far)), "taken")

    async def test_refused_is_refused_however_the_body_ends(self) -> None:
        """The status tells why, better than that the body broke off."""
        far = self.up(lambda turn: turn.answer_as_of_old(500))
        self.assertEqual(await self.refusal(self.door(far)), "EN-WEBHOOK-FAILED HTTP status 500")

    async def test_answer_of_http_1_0_without_a_length_is_one(self) -> None:
        """The smallest receivers, a script of ten lines, answer so."""
        far = self.up(lambda turn: turn.answer_as_of_old())
        self.assertEqual(await self.refusal(self.door(far)), "taken")
