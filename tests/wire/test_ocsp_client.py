"""How responders are asked, over a real socket."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from structlog.testing import capture_logs
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from edge_node.errors import EdgeNodeError
from edge_node.wire.fetching import Fetching, FetchLimits, Ways
from edge_node.wire.ocsp_answer import AnswerRules, OcspAnswer
from edge_node.wire.ocsp_client import OcspChoices, OcspClient, OcspTools
from edge_node.wire.revocation import Verdict
from edge_node.wire.source_state import SourceStates
from tests.wire.ocsp_double import NOW, RESPONDER_AT, Said, authority, say
from tests.wire.source_double import Heard, Source, answer

CA = authority()
LEAF = CA.leaf()


def asked(heard: Heard) -> ocsp.OCSPRequest:
    return ocsp.load_der_ocsp_request(heard.body)


def nonce(heard: Heard) -> bytes:
    return asked(heard).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce


def unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return answer(ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER))


class Asks(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.clock = Clock()
        self.source = Source(self.good).up()
        self.addCleanup(lambda: ensureDeferred(self.source.down()))
        self.choices = OcspChoices()
        self.states = SourceStates()
        ways = Ways(connect=self.source.endpoint, clock=self.clock, limits=FetchLimits(max_bytes=65_536, total_s=10))
        self.client = OcspClient(
            OcspTools(
                fetching=Fetching(lambda: ways),
                choices=lambda: self.choices,
                rules=lambda: AnswerRules(listed=lambda *_: None),
                now=lambda: NOW,
                random=lambda nbytes: b"r" * nbytes,
                states=self.states,
            )
        )

    def good(self, heard: Heard) -> bytes:
        return answer(say(LEAF, CA.certificate, CA, Said(nonce=nonce(heard))))

    def ask(self, leaf: x509.Certificate = LEAF) -> Deferred[OcspAnswer]:
        return ensureDeferred(self.client.ask(leaf, CA.certificate))

    async def refused(self, leaf: x509.Certificate = LEAF) -> EdgeNodeError:
        return await self.assertFailure(self.ask(leaf), EdgeNodeError)  # type: ignore[no-any-return]


class TestAQuestion(Asks):
    async def test_goes_to_the_responder_the_certificate_names(self) -> None:
        """By POST, with a nonce, and comes back as an answer."""
        assert (await self.ask()).verdict is Verdict.GOOD
        heard = self.source.heard[0]
        assert (heard.line, heard.headers["host"]) == ("POST / HTTP/1.1", "ocsp.example")
        assert heard.headers["content-type"] == "application/ocsp-request"
        assert nonce(heard) == b"r" * 32

    async def test_goes_by_get_where_the_site_wants_no_nonce(self) -> None:
        """Large responders answer from caches, which know GET."""
        self.choices = OcspChoices(nonce=False)
        self.source.says = lambda heard: answer(say(LEAF, CA.certificate, CA))
        assert (await self.ask()).verdict is Verdict.GOOD
        assert self.source.heard[0].line.startswith("GET /MF")

    async def test_goes_nowhere_where_ocsp_is_off(self) -> None:
        """The lists alone decide then; nothing is let through unjudged."""
        self.choices = OcspChoices(is_on=False)
        await self.refused()
        assert self.source.heard == []

    async def test_goes_nowhere_for_a_certificate_without_a_responder(self) -> None:
        """Of the sandbox, for one."""
        await self.refused(CA.issue("leaf").certificate)
        assert self.source.heard == []


class TestTheHash(Asks):
    async def test_is_another_where_the_responder_does_not_take_the_first(self) -> None:
        """Some have thrown SHA-1 out, also where it only names."""
        self.source.says = self.only_sha256
        assert (await self.ask()).verdict is Verdict.GOOD
        assert [asked(heard).hash_algorithm.name for heard in self.source.heard] == ["sha1", "sha256"]

    async def test_is_remembered(self) -> None:
        """One question from then on, not two."""
        self.source.says = self.only_sha256
        await self.ask()
        await self.ask()
        assert [asked(heard).hash_algorithm.name for heard in self.source.heard] == ["sha1", "sha256", "sha256"]

    async def test_is_not_tried_for_an_answer_that_is_wrong_otherwise(self) -> None:
        """A bad signature is none because of a hash in the question."""
        self.source.says = lambda heard: answer(say(LEAF, CA.certificate, authority()))
        assert ((await self.refused()).code, len(self.source.heard)) == ("EN-OCSP-SIGNATURE", 1)

    async def test_does_not_hide_the_first_reason(self) -> None:
        """The person at the screen reads what the responder said of the usual question."""
        self.source.says = lambda heard: unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
        assert "tryLater" in (await self.refused()).detail

    async def test_is_tried_once_more_where_a_responder_does_not_know_the_certificate(self) -> None:
        """Known by the other hash, or by none."""
        self.source.says = lambda heard: answer(
            say(LEAF, CA.certificate, CA, Said(status=ocsp.OCSPCertStatus.UNKNOWN, nonce=nonce(heard)))
        )
        assert ((await self.ask()).verdict, len(self.source.heard)) == (Verdict.UNKNOWN, 2)

    def only_sha256(self, heard: Heard) -> bytes:
        if asked(heard).hash_algorithm.name == "sha1":
            return unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        return answer(say(LEAF, CA.certificate, CA, Said(naming=hashes.SHA256(), nonce=nonce(heard))))


class TestAResponderThatFails(Asks):
    async def test_is_told_once_and_back_once(self) -> None:
        """Not at each question."""
        with capture_logs() as logs:
            self.source.says = lambda heard: answer(b"", status="500 Error")
            await self.refused()
            await self.refused()
            self.source.says = self.good
            await self.ask()
        told = [(log["event"], log["kind"], log["source"], log["is_up"], log["code"]) for log in logs]
        assert told == [
            ("revocation.source", "ocsp", RESPONDER_AT, False, "EN-SOURCE-ANSWER"),
            ("revocation.source", "ocsp", RESPONDER_AT, True, ""),
        ]

    async def test_that_replays_an_old_answer_is_found_out(self) -> None:
        """Somebody on the way kept it from before the revocation."""
        self.source.says = lambda heard: answer(say(LEAF, CA.certificate, CA, Said(nonce=b"o" * 32)))
        assert (await self.refused()).code == "EN-OCSP-NONCE"

    async def test_that_sends_too_much_is_not_read(self) -> None:
        """An answer has a few kB."""
        self.source.says = lambda heard: answer(b"x" * 65_537)
        assert (await self.refused()).code == "EN-SOURCE-ANSWER"

    async def test_that_hangs_is_left(self) -> None:
        """In ten seconds, and no handshake waits for it."""
        self.source.says = lambda heard: None
        heard, asking = self.source.asked(), self.ask()
        await heard
        self.clock.advance(10)
        error: Any = await self.assertFailure(asking, EdgeNodeError)
        assert error.code == "EN-SOURCE-UNREACHABLE"

    async def test_gets_no_redirect_followed(self) -> None:
        """Who answers is whom the certificate names."""
        self.source.says = lambda heard: answer(status="302 Found", location="http://other.example/")
        assert ((await self.refused()).code, len(self.source.heard)) == ("EN-SOURCE-ANSWER", 1)
