"""The OCSP client against `openssl ocsp`, a responder that others made."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.trial.unittest import SkipTest, TestCase

from edge_node.errors import EdgeNodeError
from edge_node.wire.fetching import Fetching, FetchLimits, Ways
from edge_node.wire.ocsp_answer import AnswerRules, OcspAnswer
from edge_node.wire.ocsp_client import OcspChoices, OcspClient, OcspTools
from edge_node.wire.revocation import Standing, Verdict
from edge_node.wire.source_state import SourceStates
from tests.folders import a_folder
from tests.wire import openssl_responder
from tests.wire.ocsp_double import DAY, RSA_KEY, Holder, authority
from tests.wire.openssl_responder import OPENSSL, Responder, line

reactor: Any = _reactor
#: This responder has the machine's own clock, so the test has too.
NOW = datetime.now(UTC)
CA = authority()
RSA_CA = authority("RSA CA", RSA_KEY)
LEAF = CA.leaf(at=NOW - DAY)


class Answers(TestCase):
    timeout = 60

    def setUp(self) -> None:
        if OPENSSL is None:
            raise SkipTest("openssl is not on this machine")
        self.choices = OcspChoices()
        # openssl goes by the clock of the machine; the file may have been read long before.
        self.now = datetime.now(UTC)
        self.listed: Standing | None = None
        self.nonces: list[bytes] = []

    async def responder(
        self, signer: Holder | None = None, index: str = "", more: tuple[str, ...] = (), ca: Holder = CA
    ) -> Responder:
        """Start one; it knows the leaf as good where nothing else is said."""
        folder = a_folder(self)
        told = ("-nmin", "30", *more)
        found = openssl_responder.start(folder, ca, signer or ca, index or line(LEAF), told)
        self.addCleanup(lambda: ensureDeferred(found.stop()))
        port = await found.ready
        self.client = self.asking(port)
        return found

    def asking(self, port: int) -> OcspClient:
        ways = Ways(
            connect=lambda host, _: TCP4ClientEndpoint(reactor, "127.0.0.1", port),
            clock=reactor,
            limits=FetchLimits(max_bytes=65_536, total_s=20),
        )
        return OcspClient(
            OcspTools(
                fetching=Fetching(lambda: ways),
                choices=lambda: self.choices,
                rules=lambda: AnswerRules(listed=lambda *_: self.listed),
                now=lambda: self.now,
                random=self.random,
                states=SourceStates(),
            )
        )

    def random(self, nbytes: int) -> bytes:
        self.nonces.append(bytes((len(self.nonces) + 1,)) * nbytes)
        return self.nonces[-1]

    def ask(self, leaf: x509.Certificate = LEAF, ca: Holder = CA) -> Deferred[OcspAnswer]:
        return ensureDeferred(self.client.ask(leaf, ca.certificate))

    async def verdict(self, leaf: x509.Certificate = LEAF, ca: Holder = CA) -> Verdict:
        return (await self.ask(leaf, ca)).verdict

    async def refused(self, leaf: x509.Certificate = LEAF) -> EdgeNodeError:
        return await self.assertFailure(self.ask(leaf), EdgeNodeError)  # type: ignore[no-any-return]


class TestOpenSSL(Answers):
    async def test_says_good(self) -> None:
        """Signed by the issuer, with our nonce in it."""
        await self.responder()
        answer = await self.ask()
        assert (answer.verdict, len(self.nonces)) == (Verdict.GOOD, 1)
        assert timedelta(minutes=29) < answer.until - self.now < timedelta(minutes=40)

    async def test_says_revoked(self) -> None:
        """No grace for that."""
        await self.responder(index=line(LEAF, revoked=True))
        assert await self.verdict() is Verdict.REVOKED

    async def test_says_unknown(self) -> None:
        """Of a certificate it never heard of; asked by both hashes."""
        await self.responder(index=line(CA.leaf(at=NOW - DAY)))
        assert await self.verdict() is Verdict.UNKNOWN
        assert len(self.nonces) == 2

    async def test_answers_by_get(self) -> None:
        """Without a nonce, as caches like it."""
        self.choices = OcspChoices(nonce=False)
        await self.responder()
        assert (await self.verdict(), self.nonces) == (Verdict.GOOD, [])

    async def test_answers_with_rsa(self) -> None:
        """As the register does."""
        leaf = RSA_CA.leaf(at=NOW - DAY)
        await self.responder(index=line(leaf), ca=RSA_CA)
        assert await self.verdict(leaf, RSA_CA) is Verdict.GOOD

    async def test_answers_with_rsa_pss(self) -> None:
        """As generation G4 of the register signs."""
        leaf = RSA_CA.leaf(at=NOW - DAY)
        pss = ("-rsigopt", "rsa_padding_mode:pss", "-rsigopt", "rsa_pss_saltlen:digest", "-rmd", "sha256")
        await self.responder(index=line(leaf), ca=RSA_CA, more=pss)
        assert await self.verdict(leaf, RSA_CA) is Verdict.GOOD

    async def test_names_the_responder_by_its_key(self) -> None:
        """Either way is in the RFC."""
        await self.responder(more=("-resp_key_id",))
        assert await self.verdict() is Verdict.GOOD

    async def test_answers_again_and_again(self) -> None:
        """A connection each; it closes them."""
        await self.responder()
        assert [await self.verdict() for _ in range(3)] == [Verdict.GOOD] * 3


class TestADelegateOfOpenSSL(Answers):
    async def test_says_good(self) -> None:
        """With a certificate for just that, from the same issuer."""
        await self.responder(CA.delegate(at=NOW - DAY))
        assert await self.verdict() is Verdict.GOOD

    async def test_of_another_issuer_is_not_believed(self) -> None:
        """Somebody else's responder."""
        await self.responder(authority("Other").delegate(at=NOW - DAY))
        assert (await self.refused()).code == "EN-OCSP-RESPONDER"

    async def test_without_the_purpose_is_not_believed(self) -> None:
        """A server certificate of the same issuer is what every peer has."""
        await self.responder(CA.issue("server", at=NOW - DAY))
        assert (await self.refused()).code == "EN-OCSP-RESPONDER"

    async def test_that_shows_no_certificate_is_not_believed(self) -> None:
        """There is nothing to judge it by."""
        await self.responder(CA.delegate(at=NOW - DAY), more=("-resp_no_certs",))
        assert (await self.refused()).code == "EN-OCSP-RESPONDER"

    async def test_that_has_ended_is_not_believed(self) -> None:
        """Its key may be anywhere by now."""
        await self.responder(CA.delegate(at=NOW - 400 * DAY))
        assert (await self.refused()).code == "EN-OCSP-RESPONDER"

    async def test_without_nocheck_needs_the_list(self) -> None:
        """It may have been revoked itself."""
        signing = CA.delegate(at=NOW - DAY).certificate.extensions[0].value
        await self.responder(CA.delegate(at=NOW - DAY, extensions=(signing,)))
        assert (await self.refused()).code == "EN-OCSP-RESPONDER"
        self.listed = Standing(verdict=Verdict.GOOD, at=NOW, until=NOW + DAY, source="list")
        assert await self.verdict() is Verdict.GOOD


class TestAWrongAnswerOfOpenSSL(Answers):
    async def test_with_a_bad_signature(self) -> None:
        """It has a switch for that."""
        await self.responder(more=("-badsig",))
        assert (await self.refused()).code == "EN-OCSP-SIGNATURE"

    async def test_with_sha1(self) -> None:
        """A hash that collides protects nothing."""
        await self.responder(more=("-rmd", "sha1"))
        assert (await self.refused()).code == "EN-OCSP-SIGNATURE"

    async def test_that_has_ended(self) -> None:
        """Half an hour it said; an hour has gone by."""
        await self.responder()
        self.now = NOW + timedelta(hours=1)
        assert (await self.refused()).code == "EN-OCSP-DATES"

    async def test_that_has_not_begun(self) -> None:
        """One of the two clocks is wrong."""
        await self.responder()
        self.now = NOW - timedelta(minutes=10)
        assert (await self.refused()).code == "EN-OCSP-DATES"

    async def test_about_certificates_of_another_ca(self) -> None:
        """It does not know the issuer at all."""
        other = authority("Other")
        leaf = other.leaf(at=NOW - DAY)
        await self.responder()
        asking = ensureDeferred(self.client.ask(leaf, other.certificate))
        error: Any = await self.assertFailure(asking, EdgeNodeError)
        assert error.code in {"EN-OCSP-RESPONDER", "EN-OCSP-STATUS"}

    async def test_from_a_process_that_is_gone(self) -> None:
        """Unreachable, and nothing else."""
        found = await self.responder()
        await found.stop()
        assert (await self.refused()).code == "EN-SOURCE-UNREACHABLE"
