"""Revocation in a node that serves, over days that pass at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from edge_node.errors import Refused
from edge_node.revoking import Parts, Revoking
from edge_node.sandbox.pki_authority import ec_key, root
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.wire.trust_judge import Chain, Purpose
from edge_node.wire.trust_verify import named
from tests.settings.written import SMALL, write
from tests.test_obtaining import Coin, Machine
from tests.wire.lists_double import DAY, NOW, at_once, chain_of, listed

ZIM, BROKER = frozenset({"zim"}), frozenset({"broker"})


@dataclass
class Own:
    """An identity of ours."""

    name: str
    chain: Chain


@dataclass
class Wired:
    """What of one version of the settings counts here."""

    settings: Settings
    anchors: tuple[x509.Certificate, ...]
    certificates: tuple[Own, ...]


@dataclass
class Node:
    """A node of which only revocation runs."""

    folder: Path
    clock: Machine = field(default_factory=Machine)
    rounds: int = 0  # live connections were judged again
    on_round: Callable[[], None] = lambda: None  # what comes of it

    def __post_init__(self) -> None:
        self.top = root("Top CA", "top-ca", ec_key(), NOW)
        self.ca = self.top.authority("Issuing CA", "issuing-ca", ec_key())
        self.peer = chain_of(self.ca, self.top.certificate)
        self.own = Own("practice", chain_of(self.ca)[:2])
        self.lists = self.folder / "lists"
        self.lists.mkdir()
        text = f"revocation: {{crl_files: [{self.lists}], fetch: {{from_certificates: false}}}}\n"
        self.settings = load([write(self.folder, SMALL + text)])

    def now(self) -> Any:
        return NOW + timedelta(seconds=self.clock.seconds())

    def publish(self, lasts: timedelta = 2 * DAY) -> "Node":
        """Both CAs bring out a list, and somebody puts them in the folder."""
        for authority in (self.top, self.ca):
            (self.lists / f"{authority.slug}.crl").write_bytes(listed(authority, self.now(), lasts))
        return self

    def serves(self) -> "Node":
        parts = Parts(reactor=self.clock, moment=self.now, aside=at_once, chance=Coin())
        self.revoking = Revoking(self.settings, parts)
        self.wired: Any = Wired(self.settings, (self.top.certificate,), (self.own,))
        self.revoking.start(self.wired)
        self.revoking.begin(self._round)
        return self

    def _round(self) -> None:
        self.rounds += 1
        self.on_round()

    def pass_(self, span: timedelta) -> None:
        """Let time pass, some minutes at a time."""
        self.clock.pump([60.0] * int(span / timedelta(minutes=1)))

    def says(self, roles: frozenset[str] = ZIM) -> str:
        try:
            self.revoking.judge.check(self.peer, self.now(), Purpose.CLIENT, roles)
        except Refused as refused:
            return refused.code
        return ""

    def comes_with(self, chain: Chain, roles: frozenset[str] = ZIM) -> None:
        """A peer is let in."""
        self.revoking.judge.check(chain, self.now(), Purpose.CLIENT, roles)
        self.revoking.judge.proved(chain, self.now(), roles)

    def codes(self) -> list[tuple[str, str]]:
        """What a person must look at."""
        return [(of, finding.code) for of, finding in self.revoking.fact().findings()]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


class TestLists:
    def test_of_the_folder_are_there_before_anybody_is_let_in(self, node: Node) -> None:
        """The first handshake after a start must not fail."""
        assert (node.publish().serves().says(), node.codes()) == ("", [])

    def test_that_come_later_are_found(self, node: Node) -> None:
        """Whoever keeps the folder tells nobody."""
        assert node.serves().says() == "EN-TLS-UNCHECKED"
        node.publish().pass_(timedelta(minutes=2))
        assert node.says() == ""

    def test_that_are_new_have_live_connections_judged_again(self, node: Node) -> None:
        """Who was revoked this hour may be in the middle of a conversation."""
        node.publish().serves().says()
        node.pass_(timedelta(minutes=30))
        before = node.rounds
        node.publish().pass_(timedelta(minutes=2))
        assert node.rounds > before

    def test_that_stay_the_same_disturb_nobody(self, node: Node) -> None:
        """A round a minute for nothing would cost more than messages do."""
        node.publish().serves().says()
        node.pass_(timedelta(minutes=2))
        before = node.rounds
        node.pass_(timedelta(hours=5))
        assert node.rounds == before

    def test_in_a_file_that_is_half_leave_the_old_ones(self, node: Node) -> None:
        """Somebody copies over a slow line, and not by way of another name."""
        node.publish().serves().says()
        path = node.lists / "issuing-ca.crl"
        path.write_bytes(path.read_bytes()[:-30])
        node.pass_(timedelta(minutes=2))
        assert (node.says(), node.codes()) == ("", [(str(path), "EN-REVOCATION-SOURCE")])

    def test_in_a_file_that_left_are_no_source_any_more(self, node: Node) -> None:
        """What was tidied up is not missed for ever."""
        node.publish().serves()
        (node.lists / "other.crl").write_bytes(b"nothing")
        node.pass_(timedelta(minutes=2))
        (node.lists / "other.crl").unlink()
        node.pass_(timedelta(minutes=2))
        assert node.codes() == []


class TestADayWithoutLists:
    def test_is_borne_for_the_switchboard_and_told_from_its_first_hours(self, node: Node) -> None:
        """A register that is down for a day must not cut a hospital off, and must not go unseen."""
        node.publish().serves().says()
        node.pass_(timedelta(hours=5))
        assert {code for _, code in node.codes()} == {"EN-REVOCATION-OLD"}
        node.pass_(timedelta(hours=48))
        assert (node.says(ZIM), node.says(BROKER)) == ("", "EN-TLS-CRL-STALE")
        assert ("broker", "EN-REVOCATION-UNKNOWN") in node.codes()

    def test_ends_the_switchboards_live_connections_when_its_grace_ends(self, node: Node) -> None:
        """Nobody need knock anew to be refused from that moment on."""
        node.publish().serves().says()
        node.pass_(timedelta(hours=71, minutes=50))
        assert node.says(ZIM) == ""
        before = node.rounds
        node.pass_(timedelta(minutes=20))
        assert (node.rounds > before, node.says(ZIM)) == (True, "EN-TLS-CRL-STALE")

    def test_is_told_once_at_each_change(self, node: Node) -> None:
        """An alert that comes each minute is read by nobody."""
        node.publish().serves().says()
        with capture_logs() as lines:
            node.pass_(timedelta(hours=80))
            node.publish().pass_(timedelta(minutes=2))
        told = [(line["of"], line["code"], line["detail"]) for line in lines if line["event"] == "revocation.finding"]
        well = {line["code"] for line in lines if line["event"] == "revocation.well-again"}
        assert len(set(told)) == len(told) > 0
        assert well == {code for _, code, _ in told}

    def test_is_told_to_whoever_asked(self, node: Node) -> None:
        """Mails to people are made elsewhere."""
        heard: list[int] = []
        node.publish().serves().revoking.on_change(lambda fact: heard.append(len(fact.lists)))
        node.pass_(timedelta(hours=5))
        assert heard == [2]

    def test_of_our_own_certificate_is_a_finding_after_a_day(self, node: Node) -> None:
        """Peers look at the same list: soon they refuse us."""
        node.publish().serves()
        node.pass_(timedelta(hours=49))
        assert "EN-REVOCATION-UNKNOWN" not in {code for _, code in node.codes()}
        node.pass_(timedelta(hours=24))
        assert ("practice", "EN-REVOCATION-UNKNOWN") in node.codes()


class TestNoSource:
    def test_is_a_finding_from_the_start(self, node: Node) -> None:
        """Nobody under that CA is let in: the node must not say well until the first one is refused."""
        node.serves()
        assert set(node.codes()) == {("practice", "EN-REVOCATION-UNKNOWN")}

    def test_is_none_once_a_list_is_there(self, node: Node) -> None:
        """Whoever fills the folder sees at once that it was enough."""
        node.serves()
        node.publish().pass_(timedelta(minutes=2))
        assert node.codes() == []

    def test_is_not_said_where_one_is_named(self, node: Node) -> None:
        """It is fetched within seconds; a source that fails is told as such."""
        named = {"Top CA": "http://crl.test/a", "Issuing CA": "http://crl.test/b"}
        chosen = node.settings.revocation.model_copy(update={"sources": named})
        node.settings = node.settings.model_copy(update={"revocation": chosen})
        assert node.serves().codes() == []


class TestOwnCertificate:
    def test_that_was_revoked_is_a_finding_at_once(self, node: Node) -> None:
        """Nobody takes it any more; a new one takes days."""
        node.publish().serves()
        node.ca.revoke(node.own.chain[0], NOW)
        node.pass_(timedelta(minutes=1))
        node.publish().pass_(timedelta(minutes=2))
        assert node.codes() == [("practice", "EN-CERTIFICATE-REVOKED")]


class TestARevokedPeer:
    def revoked(self, node: Node) -> Node:
        """Somebody showed the peer's old certificate, which anybody may have."""
        node.publish().serves()
        node.ca.revoke(node.peer[0], NOW)
        node.pass_(timedelta(minutes=1))
        node.publish().pass_(timedelta(minutes=2))
        assert node.says() == "EN-TLS-REVOKED"
        return node

    def test_is_a_finding_that_names_the_ca(self, node: Node) -> None:
        """The name of a file of ours says nothing to the peer's operator."""
        finding = next(finding for _, finding in self.revoked(node).revoking.fact().findings())
        assert (finding.code, finding.detail.split(", says ")[1]) == ("EN-TLS-REVOKED", named(node.ca.certificate))

    def test_is_none_any_more_once_it_was_let_in_with_a_good_one(self, node: Node) -> None:
        """An alarm that stands while the switchboard is well is one that people learn to overlook."""
        self.revoked(node).pass_(timedelta(minutes=1))
        node.comes_with(chain_of(node.ca, node.top.certificate))
        assert node.codes() == []

    def test_is_none_any_more_where_it_stays_connected(self, node: Node) -> None:
        """The switchboard shakes hands once and stays for hours; that it is there is proof enough."""
        self.revoked(node)
        good = chain_of(node.ca, node.top.certificate)
        node.comes_with(good)
        node.pass_(timedelta(minutes=1))
        assert node.says() == "EN-TLS-REVOKED"
        node.on_round = lambda: node.comes_with(good)
        node.pass_(timedelta(minutes=2))
        assert node.codes() == []

    def test_stays_one_where_the_good_one_was_only_shown(self, node: Node) -> None:
        """Certificates are public: who has no key ends no alarm."""
        self.revoked(node).pass_(timedelta(minutes=1))
        node.revoking.judge.check(chain_of(node.ca, node.top.certificate), node.now(), Purpose.CLIENT, ZIM)
        assert node.codes() == [("zim", "EN-TLS-REVOKED")]

    def test_stays_one_where_another_peer_is_well(self, node: Node) -> None:
        """The broker vouches for nobody else."""
        self.revoked(node).pass_(timedelta(minutes=1))
        node.comes_with(chain_of(node.ca, node.top.certificate), BROKER)
        assert node.codes() == [("zim", "EN-TLS-REVOKED")]


class TestRestart:
    def test_with_the_folder_gone_goes_on_with_what_was_kept(self, node: Node) -> None:
        """A disk of somebody else that is not mounted yet."""
        node.publish().serves().says()
        for path in node.lists.iterdir():
            path.unlink()
        assert node.serves().says() == ""

    def test_after_a_stop_nothing_goes_on(self, node: Node) -> None:
        """A process that ends leaves no timer behind."""
        node.publish().serves().says()
        stopping = node.revoking.stop()
        with pytest.raises(StopIteration):
            stopping.send(None)
        node.clock.advance(0)
        assert [call for call in node.clock.getDelayedCalls() if call.active()] == []

    def test_after_a_stop_no_file_is_looked_at(self, node: Node) -> None:
        """Something that ends during the drain may still bring new certificates: no thread begins for it."""
        stopping = node.serves().revoking.stop()
        with pytest.raises(StopIteration):
            stopping.send(None)
        node.publish().revoking.become(node.wired)
        node.clock.advance(0)
        assert node.says() == "EN-TLS-UNCHECKED"
