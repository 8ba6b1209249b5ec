"""Who is let in and who is not, by what is known of revocation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.sandbox.pki_authority import Authority, Profile, ec_key, root
from edge_node.wire.revocation import Standing, Verdict
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists
from edge_node.wire.trust_judge import LOCAL_ROLES, Chain, Purpose
from tests.wire.lists_double import DAY, HOUR, NOW, chain_of, listed

ZIM, BROKER, NOBODY = frozenset({"zim"}), frozenset({"broker"}), frozenset[str]()
END = NOW + 2 * DAY  # of the lists of now
ADDRESS = "http://crl.edge-node.test/issuing-ca.crl"


@dataclass
class Answers:
    """What OCSP responders said, by the number of the certificate."""

    said: Mapping[int, Standing] = field(default_factory=dict)

    def standing(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Standing | None:
        return self.said.get(certificate.serial_number)


class World:
    """A root, a CA below it, a peer below that, and a judge."""

    def __init__(self) -> None:
        self.top = root("Top CA", "top-ca", ec_key(), NOW)
        self.ca = self.top.authority("Issuing CA", "issuing-ca", ec_key())
        self.chain: Chain = chain_of(self.ca, self.top.certificate)
        self.lists = Lists(None)
        self.lists.know(self.top.certificate, self.ca.certificate)
        self.answers = Answers()
        self.judge = Revocations(self.lists, lambda roles: 24 * 3600.0 if "zim" in roles else 0.0, self.answers)

    def publish(self, at: datetime = NOW, lasts: timedelta = 2 * DAY) -> "World":
        """Both CAs bring out a list."""
        for authority in (self.top, self.ca):
            self.lists.take(listed(authority, at, lasts), "crl.example", at)
        return self

    def says(self, at: datetime = NOW, roles: frozenset[str] = BROKER) -> str:
        """What the judge says of the peer: its code, or nothing."""
        try:
            self.judge.check(self.chain, at, Purpose.CLIENT, roles)
        except Refused as refused:
            return refused.code
        return ""

    def show_cards(self, count: int) -> None:
        """So many people sign something."""
        card, key = Profile(organisation="Test", fqdn="card.test", not_before=NOW, not_after=NOW + DAY), ec_key()
        for _ in range(count):
            self.judge.note((self.ca.issue(card, key).chain[0], *self.chain[1:]), frozenset({"cards"}), NOW)

    def why(self, at: datetime = NOW) -> str:
        with pytest.raises(Refused) as caught:
            self.judge.check(self.chain, at, Purpose.CLIENT, BROKER)
        return caught.value.detail


@pytest.fixture
def world() -> World:
    return World()


def said(verdict: Verdict, at: datetime) -> Standing:
    return Standing(verdict=verdict, at=at, until=at + HOUR, source="ocsp.example")


class TestLists:
    def test_let_in_whom_none_of_them_names(self, world: World) -> None:
        """The traffic of every day."""
        assert world.publish().says() == ""

    def test_refuse_who_was_revoked(self, world: World) -> None:
        """A stolen key speaks for nobody from the hour its certificate is on the list."""
        world.ca.revoke(world.chain[0], NOW)
        assert world.publish().says() == "EN-TLS-REVOKED"

    def test_refuse_whom_a_revoked_ca_vouches_for(self, world: World) -> None:
        """A UZI issuing CA was revoked in 2025; its certificates went on saying they are good."""
        world.top.revoke(world.ca.certificate, NOW)
        assert world.publish().says() == "EN-TLS-CA-REVOKED"

    def test_refuse_the_revoked_also_when_they_ended_long_ago(self, world: World) -> None:
        """There is no grace for who was revoked: that the source is down changes nothing about it."""
        world.ca.revoke(world.chain[0], NOW)
        assert world.publish().says(END + 30 * DAY, ZIM) == "EN-TLS-REVOKED"

    def test_that_nobody_has_are_missed_by_name(self, world: World) -> None:
        """Whoever is called at night must know which list, and where it should be."""
        assert world.says() == "EN-TLS-UNCHECKED"
        assert (world.chain[1].subject.rfc4514_string() in world.why(), ADDRESS in world.why()) == (True, True)

    def test_of_each_ca_of_the_chain_are_needed(self, world: World) -> None:
        """The list of the CA below says nothing of that CA itself."""
        world.lists.take(listed(world.ca), "crl.example", NOW)
        assert world.says() == "EN-TLS-UNCHECKED"
        assert "top-ca.crl" in world.why()

    def test_of_others_that_ended_are_in_nobodys_way(self, world: World) -> None:
        """An unrelated list that nobody renews must not block good traffic."""
        stranger = world.top.authority("Stranger", "stranger", ec_key())
        world.lists.know(stranger.certificate)
        world.lists.take(listed(stranger, NOW - 9 * DAY), "crl.example", NOW)
        assert world.publish().says() == ""

    def test_of_a_namesake_do_not_count(self, world: World) -> None:
        """A list is asked for under the key that signed the certificate, not only under a name."""
        namesake = world.top.authority("Issuing CA", "issuing-ca", ec_key())
        world.lists.take(listed(world.top), "crl.example", NOW)
        world.lists.know(namesake.certificate)
        world.lists.take(listed(namesake), "crl.example", NOW)
        assert world.says() == "EN-TLS-UNCHECKED"

    def test_that_have_not_begun_do_not_count_yet(self, world: World) -> None:
        """A clock that was set back a day."""
        assert world.publish().says(NOW - DAY) == "EN-TLS-CRL-STALE"

    @pytest.mark.parametrize(("ahead_s", "code"), [(300.0, ""), (60.0, "EN-TLS-CRL-STALE")])
    def test_are_borne_as_far_ahead_as_the_site_says(self, world: World, ahead_s: float, code: str) -> None:
        """A list is taken and used by one and the same measure."""
        world.lists._limits = ListLimits(ahead_s=ahead_s)
        assert world.publish().says(NOW - timedelta(seconds=120)) == code


class TestListsOfPartOfACa:
    @pytest.mark.parametrize("scopes", [["ca", "user"], ["user", "ca"], ["", "ca"]])
    def test_do_not_push_one_another_out(self, world: World, scopes: list[str]) -> None:
        """A CA with a list for its CAs and one for all others; whoever sends the one must not take the other away."""
        world.publish()
        moments = [NOW + timedelta(minutes=number) for number in (1, 2)]
        taken = [world.lists.take(scoped(world.ca, *of), "s", NOW + HOUR) for of in zip(moments, scopes, strict=True)]
        assert (len(taken), world.says(NOW + HOUR)) == (2, "")

    def test_that_are_not_for_a_certificate_do_not_let_it_in(self, world: World) -> None:
        """Not being on a list of others is no proof."""
        world.lists.take(listed(world.top), "s", NOW)
        world.lists.take(scoped(world.ca, NOW, "ca"), "s", NOW)
        assert world.says() == "EN-TLS-UNCHECKED"

    def test_say_who_was_revoked(self, world: World) -> None:
        """The one of the two that is for it."""
        world.ca.revoked.append(entry_of(world.chain[0]))
        world.lists.take(listed(world.top), "s", NOW)
        world.lists.take(scoped(world.ca, NOW, "user"), "s", NOW)
        world.lists.take(scoped(world.ca, NOW + HOUR, "ca"), "s", NOW + HOUR)
        assert world.says(NOW + HOUR) == "EN-TLS-REVOKED"


class TestGrace:
    @pytest.mark.parametrize(
        ("roles", "late", "code"),
        [
            (ZIM, timedelta(0), ""),
            (ZIM, timedelta(hours=23), ""),
            (ZIM, timedelta(hours=24, seconds=1), "EN-TLS-CRL-STALE"),
            (ZIM | BROKER, timedelta(hours=23), ""),
            (BROKER, timedelta(0), ""),
            (BROKER, timedelta(seconds=1), "EN-TLS-CRL-STALE"),
            (NOBODY, timedelta(seconds=1), "EN-TLS-CRL-STALE"),
        ],
    )
    def test_past_the_end_of_a_list_is_for_the_zim_alone(
        self, world: World, roles: frozenset[str], late: timedelta, code: str
    ) -> None:
        """A register that is down for a day must not cut a hospital off; anybody else waits for the list."""
        assert world.publish().says(END + late, roles) == code

    def test_is_none_where_there_never_was_a_list(self, world: World) -> None:
        """Not knowing is not the same as not knowing any more."""
        assert world.says(NOW, ZIM) == "EN-TLS-UNCHECKED"

    @pytest.mark.parametrize(
        ("roles", "early", "code"),
        [
            (ZIM, timedelta(minutes=6), ""),
            (ZIM, timedelta(hours=25), "EN-TLS-CRL-STALE"),
            (BROKER, timedelta(minutes=6), "EN-TLS-CRL-STALE"),
        ],
    )
    def test_carries_the_zim_over_a_clock_that_was_set_back(
        self, world: World, roles: frozenset[str], early: timedelta, code: str
    ) -> None:
        """The list was good when it came; it is no older for that this machine's clock is."""
        assert world.publish().says(NOW - early, roles) == code


class TestLocalSystems:
    def test_need_no_list_of_the_practices_own_ca(self, world: World) -> None:
        """A practice with three PCs brings out no revocation lists."""
        assert world.says(roles=LOCAL_ROLES) == ""

    def test_are_judged_by_one_that_is_given(self, world: World) -> None:
        """Where there is a list, it counts."""
        world.ca.revoke(world.chain[0], NOW)
        assert world.publish().says(roles=LOCAL_ROLES) == "EN-TLS-REVOKED"

    def test_have_no_lists_fetched_for_them(self, world: World) -> None:
        """What is inside the practice is told to nobody outside."""
        world.says(roles=LOCAL_ROLES)
        assert world.judge.seen() == ()


class TestAnswers:
    @pytest.mark.parametrize(
        ("verdict", "is_listed", "at", "code"),
        [
            (Verdict.GOOD, False, NOW + HOUR / 4, ""),
            (Verdict.REVOKED, False, NOW + HOUR / 4, "EN-TLS-REVOKED"),
            (Verdict.REVOKED, False, NOW - HOUR / 2, "EN-TLS-REVOKED"),
            (Verdict.REVOKED, False, NOW - HOUR, ""),
            (Verdict.GOOD, True, NOW - HOUR, "EN-TLS-REVOKED"),
            (Verdict.GOOD, True, NOW + HOUR / 4, ""),
            (Verdict.UNKNOWN, False, NOW + HOUR / 4, ""),
        ],
    )
    def test_and_lists_that_differ_go_by_the_newer_word(
        self, world: World, verdict: Verdict, is_listed: bool, at: datetime, code: str
    ) -> None:
        """A certificate put on hold and taken off again; and one that was revoked since the answer.

        As long as an answer lasts that says "revoked" no list takes it back: that may have been made before.
        """
        world.ca.revoked += [entry_of(world.chain[0])] * is_listed
        world.publish()
        world.answers.said = {world.chain[0].serial_number: said(verdict, at)}
        assert world.says(NOW + HOUR / 4) == code

    def test_stand_in_for_a_list_that_is_missing(self, world: World) -> None:
        """Either is enough."""
        good = said(Verdict.GOOD, NOW)
        world.answers.said = {one.serial_number: good for one in world.chain[:2]}
        assert world.says() == ""


class TestSeen:
    def test_are_chains_that_could_not_be_checked_too(self, world: World) -> None:
        """Their lists are what must be fetched first of all."""
        asked: list[int] = []
        world.judge.when_wanting(lambda: asked.append(1))
        world.says()
        world.says()
        assert ([seen.chain for seen in world.judge.seen()], asked) == ([world.chain], [1])

    def test_of_a_peer_are_not_pushed_out_by_cards(self, world: World) -> None:
        """Three hundred people sign in the morning; the switchboard is judged at the end of its list all the same."""
        world.publish(lasts=HOUR).says(roles=ZIM)
        world.show_cards(300)
        assert world.chain in [seen.chain for seen in world.judge.seen()]
        assert (len(world.judge.seen()), world.judge.next_end(NOW)) == (257, NOW + HOUR)

    def test_keep_the_role_they_showed_themselves_in(self, world: World) -> None:
        """A signature of the zim is looked at beside its handshakes; who asks who it is must still be told."""
        world.publish()
        assert [world.says(roles=roles) for roles in (NOBODY, ZIM, NOBODY)] == [""] * 3
        assert [seen.roles for seen in world.judge.seen()] == [ZIM]

    def test_end_with_the_first_list_that_ends(self, world: World) -> None:
        """A live connection must be looked at again at that moment."""
        assert world.judge.next_end(NOW) is None
        world.publish().says(roles=ZIM)
        assert world.judge.next_end(NOW) == END

    def test_end_again_with_the_grace(self, world: World) -> None:
        """The last moment of a grace is the first at which a peer is broken off."""
        world.publish().says(roles=ZIM)
        assert world.judge.next_end(END + HOUR) == END + DAY


class TestFilesOfOthers:
    def test_count_at_the_first_handshake(self, world: World, tmp_path: Path) -> None:
        """A CA that only a peer's chain shows: its list was there before it, and nothing need be sent twice."""
        fresh = Lists(tmp_path)
        fresh.know(world.top.certificate)
        for authority in (world.top, world.ca):
            fresh.offer(listed(authority), "file", NOW)
        Revocations(fresh, lambda _: 0.0).check(world.chain, NOW, Purpose.CLIENT, BROKER)
        assert fresh.waiting() == 0


def scoped(authority: Authority, at: datetime, scope: str) -> bytes:
    """Its list of that moment for its `user` certificates or those of `ca`s; empty: for all, by its own account."""
    builder = x509.CertificateRevocationListBuilder(authority.certificate.subject, at, at + 2 * DAY)
    for entry in authority.revoked:
        builder = builder.add_revoked_certificate(entry)
    if scope:
        point = x509.IssuingDistributionPoint(None, None, scope == "user", scope == "ca", None, False, False)
        builder = builder.add_extension(point, critical=True)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def entry_of(certificate: x509.Certificate) -> x509.RevokedCertificate:
    """Put a certificate on a list of this moment."""
    builder = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(NOW)
    return builder.build()
