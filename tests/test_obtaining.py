"""What a node gets about revocation from outside, through days of other people's trouble."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.x509 import ExtendedKeyUsage
from cryptography.x509.ocsp import OCSPCertStatus, load_der_ocsp_request
from cryptography.x509.oid import ExtendedKeyUsageOID
from structlog.testing import capture_logs
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from edge_node.errors import Refused
from edge_node.obtaining import OWN, Obtaining, Parts
from edge_node.sandbox.pki_authority import root
from edge_node.settings.revocation import RevocationSettings
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.source_state import SourceStates
from tests.folders import a_folder
from tests.wire.lists_double import HOUR, NOW, Day, at_once, chain_of, ec_key, listed, turns
from tests.wire.ocsp_double import NOW as OCSP_NOW
from tests.wire.ocsp_double import Holder, Said, authority, say
from tests.wire.source_double import Heard, Source, answer

ROOT = root("Root", "root", ec_key(), NOW)
CA = ROOT.authority("Issuing CA", "issuing", ec_key())
ZIM, BROKER, CARD = frozenset({"zim"}), frozenset({"broker"}), frozenset({"card"})
CHAIN = chain_of(CA, ROOT.certificate)
MINUTES = 60.0


class Machine(Clock):
    """A reactor of which only the clock and the calls from threads are needed."""

    def callFromThread(self, call: Any, *given: Any) -> None:
        self.callLater(0, call, *given)


class Coin:
    """Chance in the test's hand."""

    def uniform(self) -> float:
        return 0.5

    def bytes(self, nbytes: int) -> bytes:
        return b"r" * nbytes


@dataclass
class Peer:
    role: str


@dataclass
class Board:
    peers: tuple[Peer, ...] = (Peer("zim"), Peer("broker"))


@dataclass
class Chosen:
    """As much of the settings as is looked at."""

    revocation: RevocationSettings
    switchboard: Board


@dataclass
class Site:
    """As much of one version of the settings as is looked at."""

    settings: Chosen
    anchors: tuple[x509.Certificate, ...] = (ROOT.certificate,)


def asked_in(heard: Heard) -> bytes:
    """The question to a responder, put by POST or by GET."""
    return heard.body or base64.b64decode(unquote(heard.target.rpartition("/")[2]))


def site(**chosen: Any) -> Any:
    return Site(Chosen(RevocationSettings(**chosen), Board()))


class Node(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.machine = Machine()
        self.day = Day(self.machine)
        self.source = Source(self.fresh).up()
        self.addCleanup(lambda: ensureDeferred(self.source.down()))
        self.reached: list[str] = []
        self.folder = a_folder(self)
        self.states = SourceStates()
        self.lists = Lists(self.folder)
        self.judge = Revocations(self.lists, lambda roles: 24 * 3600.0 if "zim" in roles else 0.0)
        self.site = site()

    def connect(self, host: str, port: int) -> Any:
        self.reached.append(host)
        return self.source.endpoint(host, port)

    def fresh(self, heard: Heard) -> bytes:
        """Lists of twelve hours, a new one each hour."""
        hour = self.day.now().replace(minute=0, second=0)
        return answer(listed(CA if "issuing" in heard.target else ROOT, hour, 12 * HOUR))

    def dead(self, heard: Heard) -> bytes:
        return answer(status="502 Bad Gateway")

    async def begin(self) -> Obtaining:
        parts = Parts(
            judge=self.judge,
            states=self.states,
            folder=self.folder,
            reactor=self.machine,
            moment=self.day.now,
            chance=Coin(),
            aside=at_once,
            connect=self.connect,
        )
        obtaining = Obtaining(self.site.settings.revocation, parts)
        self.addCleanup(obtaining.stop)
        obtaining.begin(self.site)
        await self.go_on(0)
        return obtaining

    async def go_on(self, seconds: float, steps: int = 1) -> None:
        for _ in range(steps):
            self.machine.pump((seconds, 0, 0))
            await turns(2)
            left = 30
            while self.source.wires and (left := left - 1):
                await turns(1)
            self.machine.advance(0)

    def verdict(self, roles: frozenset[str] = ZIM, chain: Any = CHAIN) -> str:
        """Judge a peer; return the code it is refused with."""
        try:
            self.judge.check(chain, self.day.now(), None, roles)
        except Refused as refused:
            return refused.code
        return "good"


class TestANewPeer(Node):
    async def test_is_let_in_as_soon_as_its_lists_are_there(self) -> None:
        """Its first knock has them fetched; the second one goes well."""
        await self.begin()
        first = self.verdict()
        await self.go_on(0)
        assert (first, self.verdict()) == ("EN-TLS-UNCHECKED", "good")

    async def test_of_the_last_run_has_its_lists_fetched_before_it_knocks(self) -> None:
        """A node that was off for a weekend serves from its first minute."""
        obtaining = await self.begin()
        self.verdict()
        await self.go_on(0)
        obtaining.stop()
        self.machine.advance(60 * 3600.0)
        self.lists.read_back((ROOT.certificate,), self.day.now())
        await self.begin()
        await self.go_on(MINUTES)
        assert self.verdict() == "good"

    async def test_of_the_last_run_has_them_weeks_later_too(self) -> None:
        """The machine is restarted when a practice closes for the summer; its first card after that is known."""
        obtaining = await self.begin()
        self.verdict()
        await self.go_on(0)
        obtaining.stop()
        self.machine.advance(60 * 3600.0)
        self.judge = Revocations(self.lists, lambda roles: 0.0)
        await self.begin()
        await self.go_on(24 * 3600.0, steps=21)
        assert self.verdict() == "good"

    async def test_of_a_ca_the_site_names_has_them_at_its_first_knock(self) -> None:
        """For a peer that may not be refused even once."""
        self.site = site(
            sources={"Issuing CA": "http://near.example/issuing.crl", "Root": "http://near.example/root.crl"}
        )
        await self.begin()
        self.lists.know(CA.certificate)
        assert (self.verdict(), set(self.reached)) == ("good", {"near.example"})


class TestManyCards(Node):
    async def test_do_not_push_out_what_the_node_itself_needs(self) -> None:
        """Three hundred people of a hospital sign in the morning; the peer's list is still looked for at noon."""
        await self.begin()
        self.verdict()
        await self.go_on(0)
        cards = [chain_of(ROOT) for _ in range(300)]
        verdicts = {self.verdict(CARD, (*card, ROOT.certificate)) for card in cards}
        await self.go_on(0)
        await self.go_on(10 * MINUTES, steps=7)
        assert (verdicts, CHAIN in [one.chain for one in self.judge.seen()]) == ({"good"}, True)
        assert len([heard for heard in self.source.heard if "issuing" in heard.target]) == 2


class TestASourceThatIsDeadForADay(Node):
    async def test_is_borne_as_the_policy_says_and_told_once(self) -> None:
        """The zim for a day past the end of the list, a broker not at all; minutes after its return all is well."""
        await self.begin()
        self.verdict()
        await self.go_on(0)
        with capture_logs() as logs:
            self.source.says = self.dead
            await self.go_on(10 * MINUTES, steps=6 * 11)
            before_the_end = self.verdict(BROKER)
            await self.go_on(10 * MINUTES, steps=6 * 13)
            dead = self.verdict(ZIM), self.verdict(BROKER)
            self.source.says = self.fresh
            await self.go_on(10 * MINUTES, steps=2)
        assert (before_the_end, dead) == ("good", ("good", "EN-TLS-CRL-STALE"))
        assert (self.verdict(ZIM), self.verdict(BROKER)) == ("good", "good")
        told = [
            (log["source"].rpartition("/")[2], log["is_up"]) for log in logs if log["event"] == "revocation.source"
        ]
        assert sorted(told) == [
            ("issuing.crl", False),
            ("issuing.crl", True),
            ("root.crl", False),
            ("root.crl", True),
        ]

    async def test_that_never_comes_back_ends_the_grace(self) -> None:
        """A day, and not a day and a bit."""
        await self.begin()
        self.verdict()
        await self.go_on(0)
        self.source.says = self.dead
        await self.go_on(3600.0, steps=35)
        last = self.verdict()
        await self.go_on(3600.0, steps=2)
        assert (last, self.verdict()) == ("good", "EN-TLS-CRL-STALE")


class TestTheWayOut(Node):
    async def test_is_the_proxy_the_site_names(self) -> None:
        """For what is on the internet."""
        self.site = site(proxy="http://proxy.example:3128", sources={"Root": "http://far.example/root.crl"})
        await self.begin()
        assert (self.reached, self.source.heard[0].target) == (["proxy.example"], "http://far.example/root.crl")

    async def test_to_the_mirror_is_straight(self) -> None:
        """It stands within the network."""
        self.site = site(proxy="http://proxy.example:3128", mirror="http://mirror.example/pki")
        await self.begin()
        self.verdict()
        await self.go_on(0)
        assert set(self.reached) == {"mirror.example"}
        assert "/pki/crl.edge-node.test/issuing.crl" in {heard.target for heard in self.source.heard}

    async def test_is_another_one_from_a_reload_on(self) -> None:
        """No restart for a proxy that moved."""
        self.site = site(sources={"Root": "http://far.example/root.crl"})
        obtaining = await self.begin()
        obtaining.become(site(sources={"Root": "http://near.example/root.crl"}))
        await self.go_on(0)
        assert self.reached == ["far.example", "near.example"]

    async def test_is_not_gone_where_the_site_brings_its_own_lists(self) -> None:
        """An address out of reach is no fault of theirs."""
        self.site = site(fetch={"from_certificates": False})
        await self.begin()
        self.verdict()
        await self.go_on(0)
        assert self.reached == []


class TestAnswers(Node):
    """Of an OCSP responder, beside the lists."""

    def setUp(self) -> None:
        super().setUp()
        self.ca: Holder = authority("OCSP CA")
        self.chain = self.ca.leaf(), self.ca.certificate
        self.said = Said()
        self.source.says = self.responds

    def responds(self, heard: Heard) -> bytes:
        return answer(say(*self.chain, self.ca, self.said))

    async def test_let_a_peer_in_where_no_list_can(self) -> None:
        """One of the two must say good."""
        await self.begin()
        first = self.verdict(chain=self.chain)
        await self.go_on(0)
        assert (first, self.verdict(chain=self.chain)) == ("EN-TLS-UNCHECKED", "good")

    async def test_are_not_asked_for_where_the_site_wants_lists_only(self) -> None:
        """Then the list must say good: nothing passes unjudged."""
        self.site = site(ocsp={"use": "lists-only"})
        await self.begin()
        verdicts = self.verdict(chain=self.chain)
        await self.go_on(0)
        assert (verdicts, self.verdict(chain=self.chain), self.reached) == ("EN-TLS-UNCHECKED",) * 2 + ([],)

    async def test_that_say_revoked_have_every_connection_judged_again(self) -> None:
        """Within the life of the last answer."""
        heard: list[str] = []
        self.judge.subscribe(lambda: heard.append(self.verdict(chain=self.chain)))
        await self.begin()
        self.verdict(chain=self.chain)
        await self.go_on(0)
        self.said = Said(status=OCSPCertStatus.REVOKED, ends=None, begins=OCSP_NOW + timedelta(minutes=37))
        await self.go_on(38 * MINUTES)
        assert heard == ["good", "EN-TLS-REVOKED"]

    async def test_count_no_more_once_their_signer_was_revoked(self) -> None:
        """Whoever stole its key would have it say of itself, each minute, that all is well."""
        names_it = ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), self.chain[0].extensions[0].value
        stolen = self.ca.delegate(extensions=names_it)
        self.source.says = self.vouched_by(stolen)
        self.lists.know(self.ca.certificate)
        self.lists.take(self.ca.crl(NOW), "file", NOW)
        await self.begin()
        self.verdict(chain=self.chain)
        await self.go_on(0, steps=3)
        self.lists.take(self.ca.crl(NOW + timedelta(minutes=3), stolen.certificate), "file", self.day.now())
        await self.go_on(MINUTES, steps=38)
        await self.go_on(0, steps=3)
        assert [state.code for state in self.states.all] == ["EN-OCSP-RESPONDER"]

    def vouched_by(self, responder: Holder) -> Callable[[Heard], bytes]:
        """Say good of whoever is asked about, of the responder too, dated a little ahead."""
        about = {one.serial_number: one for one in (self.chain[0], responder.certificate)}

        def vouch(heard: Heard) -> bytes:
            asked = about[load_der_ocsp_request(asked_in(heard)).serial_number]
            said = Said(begins=self.day.now() + timedelta(minutes=4), shown=[responder.certificate])
            return answer(say(asked, self.ca.certificate, responder, said))

        return vouch

    async def test_about_our_own_certificate_are_kept_fresh(self) -> None:
        """Nobody else tells a practice that its certificate was revoked."""
        self.judge.note(self.chain, frozenset({OWN}), self.day.now())
        await self.begin()
        await self.go_on(10 * MINUTES, steps=24)
        assert len(self.source.heard) >= 4
