"""TLS both ways, by real handshakes in memory and over loopback: who gets in, and that the rest get an alert."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.sandbox.pki import (
    LOCAL,
    PHARMACY,
    PRACTICE,
    SWITCHBOARD,
    Pki,
    make_pki,
)
from edge_node.sandbox.pki_authority import Profile, ec_key, root
from edge_node.wire import trust
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.trust import OwnIdentity
from edge_node.wire.trust_handshake import handshake_of
from edge_node.wire.trust_identity import IdentityFiles, load_anchors, load_identity
from edge_node.wire.trust_judge import Purpose
from edge_node.wire.trust_labels import SMALL_RSA_UNTIL
from tests.wire.handshakes import (
    BOTH_VERSIONS,
    NOW,
    TLS12,
    Wall,
    again,
    asking,
    calling,
    identity,
    listener,
    outsider,
    shake,
    switchboard,
    way_out,
)
from tests.wire.revocations import listed

DAY = timedelta(days=1)
RSA_2048 = rsa.generate_private_key(65537, 2048)

#: What is wrong, and the code the log gets. A certificate without clientAuth is good where the peer is server.
BAD = {
    "bad/expired": "EN-TLS-EXPIRED",
    "bad/not-yet-valid": "EN-TLS-NOT-YET",
    "bad/other-ca": "EN-TLS-CHAIN",
    "bad/other-name": "EN-TLS-NAME",
    "bad/other-organisation": "EN-TLS-ORGANISATION",
    "bad/other-issuer": "EN-TLS-ISSUER",
    "bad/not-a-server": "EN-TLS-UZI-TYPE",
    "bad/revoked": "EN-TLS-REVOKED",
}
BAD_CLIENTS = pytest.mark.parametrize(("name", "code"), [*BAD.items(), ("bad/no-client-auth", "EN-TLS-PURPOSE")])
BAD_SERVERS = pytest.mark.parametrize(("name", "code"), [*BAD.items(), ("bad/no-server-auth", "EN-TLS-PURPOSE")])


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


class TestTheSwitchboardCalls:
    @BOTH_VERSIONS
    def test_is_let_in_and_known_by_its_name(self, pki: Pki, version: int) -> None:
        """The line must know which peer speaks and which of our organisations it addressed."""
        tls = listener(pki, wall := Wall(revocation=listed(pki, NOW)))
        line = shake(calling(outsider(pki, "switchboard", version)), tls.serverConnectionForTLS(None))
        caller = tls.judge(line.server)
        assert (caller.name, caller.identity, caller.certificate.organisation) == ("lsp", "practice", SWITCHBOARD[0])
        assert (line.delivered, line.errors, wall.refusals) == (b"request", {}, [])

    @BOTH_VERSIONS
    @BAD_CLIENTS
    def test_a_bad_certificate_gets_an_alert(self, pki: Pki, name: str, code: str, version: int) -> None:
        """Whoever is not the switchboard must not get one byte into the practice."""
        tls = listener(pki, wall := Wall(revocation=listed(pki, NOW)))
        line = shake(calling(outsider(pki, name, version)), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == ([code], b"")
        assert "alert" in line.errors["client"]

    @BOTH_VERSIONS
    def test_no_certificate_gets_an_alert(self, pki: Pki, version: int) -> None:
        """A caller that proves nothing is nobody."""
        tls = listener(pki, wall := Wall())
        line = shake(calling(outsider(pki, None, version)), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-ABSENT"], b"")
        assert "alert" in line.errors["client"]

    def test_a_local_system_cannot_call_as_the_switchboard(self, pki: Pki) -> None:
        """The practice's own CA is worth nothing on this side."""
        tls = listener(pki, wall := Wall())
        line = shake(calling(outsider(pki, "local/his")), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-INCOMPLETE"], b"")

    def test_another_care_provider_cannot_call_as_the_switchboard(self, pki: Pki) -> None:
        """Every care provider has a certificate of the same root; only the switchboard may call."""
        tls = listener(pki, wall := Wall())
        line = shake(calling(outsider(pki, "pharmacy")), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-NAME"], b"")

    def test_old_protocol_versions_are_refused(self, pki: Pki) -> None:
        """TLS 1.1 is insufficient since 2025."""
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_1_VERSION)
        context.set_max_proto_version(SSL.TLS1_1_VERSION)
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        tls = listener(pki, wall := Wall())
        line = shake(calling(context), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-VERSION"], b"")

    @pytest.mark.parametrize("cipher", [b"AES256-GCM-SHA384", b"ECDHE-RSA-AES256-SHA384"])
    def test_ciphers_below_the_floor_are_refused(self, pki: Pki, cipher: bytes) -> None:
        """Without forward secrecy a key stolen later opens every message recorded before."""
        context = outsider(pki, "switchboard", TLS12)
        context.set_cipher_list(cipher)
        tls = listener(pki, wall := Wall())
        line = shake(calling(context), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-HANDSHAKE"], b"")

    def test_an_alert_of_the_peer_is_told(self, pki: Pki) -> None:
        """When the switchboard refuses our certificate, the log must say so."""
        context = outsider(pki, "switchboard")
        context.set_verify(SSL.VERIFY_PEER, lambda *_: False)
        tls = listener(pki, wall := Wall())
        shake(calling(context), tls.serverConnectionForTLS(None))
        assert (wall.refusals, "the peer sent alert" in wall.details[0]) == (["EN-TLS-HANDSHAKE"], True)


class TestTheClock:
    """One clock: OpenSSL has its own, and what it says in a handshake must be what every later judgement says."""

    @BOTH_VERSIONS
    def test_of_the_node_lets_in_what_has_begun_by_it(self, pki: Pki, version: int) -> None:
        """A test of next week's certificate is a test of next week."""
        tls = listener(pki, wall := Wall(at=NOW + timedelta(days=10)))
        line = shake(calling(outsider(pki, "bad/not-yet-valid", version)), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == ([], b"request")

    def test_of_the_node_keeps_out_what_has_ended_by_it(self, pki: Pki) -> None:
        """OpenSSL says so itself, with its alert."""
        tls = listener(pki, wall := Wall(at=NOW + timedelta(days=4 * 365)))
        line = shake(calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None))
        assert (wall.refusals, "expired" in line.errors["client"]) == (["EN-TLS-EXPIRED"], True)

    def test_counts_on_the_way_out_too(self, pki: Pki) -> None:
        """At each connection anew: a pool lives for weeks."""
        tls = way_out(pki, wall := Wall())
        wall.at = NOW + timedelta(days=10)
        line = shake(tls.clientConnectionForTLS(None), asking(outsider(pki, "bad/not-yet-valid")))
        assert (wall.refusals, line.delivered) == ([], b"request")


class TestHangingUp:
    @BOTH_VERSIONS
    def test_without_a_word_is_no_refusal(self, pki: Pki, version: int) -> None:
        """Firewalls do it every night; a line about a refused peer would have people look for one."""
        tls = listener(pki, wall := Wall())
        line = shake(calling(outsider(pki, "switchboard", version)), tls.serverConnectionForTLS(None))
        tls.judge(line.server)
        line.server.bio_shutdown()
        with pytest.raises(SSL.Error):
            line.server.recv(100)
        assert wall.refusals == []


class TestSeveralPeers:
    def test_the_first_that_matches_is_the_one(self, pki: Pki) -> None:
        """The switchboard side has several parties; the line must know which one speaks."""
        peers = (switchboard(pki, name="mitz", role="mitz", client_names=("mitz.test",)), switchboard(pki))
        tls = trust.server_tls((identity(pki, "practice"),), peers, Wall().surroundings())
        line = shake(calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None))
        assert tls.judge(line.server).name == "lsp"

    def test_none_gives_the_nearest_reason(self, pki: Pki) -> None:
        """An operator who reads 'other name' of the wrong peer looks in the wrong place."""
        peers = (
            switchboard(pki, organisation="Een Ander B.V."),
            switchboard(pki, name="mitz", client_names=("mitz.test",)),
        )
        tls = trust.server_tls((identity(pki, "practice"),), peers, (wall := Wall()).surroundings())
        shake(calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None))
        assert wall.refusals == ["EN-TLS-ORGANISATION"]

    def test_each_must_be_under_its_own_anchor(self, pki: Pki) -> None:
        """The anchors of one party must not vouch for another."""
        peers = (
            switchboard(pki, anchors=load_anchors(pki.local_anchors)),
            switchboard(pki, name="mitz", client_names=("mitz.test",)),
        )
        tls = trust.server_tls((identity(pki, "practice"),), peers, (wall := Wall()).surroundings())
        line = shake(calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None))
        assert (len(wall.refusals), line.delivered) == (1, b"")

    def test_a_peer_without_client_names_never_calls(self, pki: Pki) -> None:
        """A party the node only asks must not be able to ask the node."""
        peers = (switchboard(pki, client_names=()),)
        tls = trust.server_tls((identity(pki, "practice"),), peers, (wall := Wall()).surroundings())
        shake(calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None))
        assert wall.refusals == ["EN-TLS-NAME"]


class TestTwoOrganisations:
    @BOTH_VERSIONS
    @pytest.mark.parametrize(("asked", "name"), [(PRACTICE[1], "practice"), (PHARMACY[1].upper(), "pharmacy")])
    def test_the_asked_name_selects_certificate_and_chain(
        self, pki: Pki, asked: str, name: str, version: int
    ) -> None:
        """A health centre has two; the switchboard must meet the one it addressed, with its whole chain."""
        tls = listener(pki, Wall(), "practice", "pharmacy")
        client = calling(outsider(pki, "switchboard", version), asked)
        line = shake(client, tls.serverConnectionForTLS(None))
        sent = [one.to_cryptography() for one in client.get_peer_cert_chain() or []]
        assert sent == x509.load_pem_x509_certificates(pki.files(name).chain.read_bytes())
        assert tls.judge(line.server).identity == name

    @BOTH_VERSIONS
    @pytest.mark.parametrize("asked", ["elsewhere.test", None])
    def test_no_or_an_unknown_name_gets_an_alert(
        self, pki: Pki, asked: str | None, version: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Guessing between two organisations would show the wrong one's certificate."""
        tls = listener(pki, wall := Wall(), "practice", "pharmacy")
        line = shake(calling(outsider(pki, "switchboard", version), asked), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-NAME"], b"")
        assert "unrecognized name" in line.errors["client"]
        assert "UnrecognizedName" in capsys.readouterr().err

    def test_one_organisation_needs_no_asked_name(self, pki: Pki) -> None:
        """An older client sends no name; where there is no choice there is no doubt."""
        tls = listener(pki, Wall())
        line = shake(calling(outsider(pki, "switchboard"), None), tls.serverConnectionForTLS(None))
        assert tls.judge(line.server).identity == "practice"

    @pytest.mark.parametrize("name", ["practice", "pharmacy"])
    def test_each_calls_with_its_own_certificate(self, pki: Pki, name: str) -> None:
        """Neither may speak as the other."""
        client = way_out(pki, Wall(), name).clientConnectionForTLS(None)
        line = shake(client, asking(outsider(pki, "switchboard")))
        shown = [one.to_cryptography() for one in line.server.get_peer_cert_chain() or []]
        leaf = line.server.get_peer_certificate(as_cryptography=True)
        assert [leaf, *(one for one in shown if one != leaf)] == x509.load_pem_x509_certificates(
            pki.files(name).chain.read_bytes()
        )

    def test_an_unrecognized_name_is_not_printed_twice(self) -> None:
        """A scanner must not fill the journal with tracebacks; the log has had its line."""
        seen: list[type[BaseException]] = []
        hook = trust.quiet_about_names(lambda kind, _error, _trace: seen.append(kind))
        hook(trust.UnrecognizedName, trust.UnrecognizedName(), None)
        hook(ValueError, ValueError(), None)
        assert seen == [ValueError]


class TestCallingTheSwitchboard:
    @BOTH_VERSIONS
    def test_it_is_known_by_its_name(self, pki: Pki, version: int) -> None:
        """A message goes to the real switchboard only."""
        way = way_out(pki, wall := Wall(revocation=listed(pki, NOW)))
        line = shake(way.clientConnectionForTLS(None), asking(outsider(pki, "switchboard", version)))
        caller = way.judge(line.client)
        assert (caller.name, caller.identity, line.delivered, wall.refusals) == ("lsp", "practice", b"request", [])
        assert line.server.get_servername() == SWITCHBOARD[1].encode()

    @BOTH_VERSIONS
    @BAD_SERVERS
    def test_a_bad_certificate_gets_an_alert(self, pki: Pki, name: str, code: str, version: int) -> None:
        """Patient data must never reach somebody who only says to be the switchboard."""
        way = way_out(pki, wall := Wall(revocation=listed(pki, NOW)))
        line = shake(way.clientConnectionForTLS(None), asking(outsider(pki, name, version)))
        assert (wall.refusals, line.delivered) == ([code], b"")
        assert "alert" in line.errors["server"]

    def test_a_missing_revocation_list_is_told_as_such(self, pki: Pki) -> None:
        """'Cannot tell' asks for another repair than 'revoked'."""
        way = way_out(pki, wall := Wall(revocation=Revocations(Lists(None), lambda _: 0.0)))
        line = shake(way.clientConnectionForTLS(None), asking(outsider(pki, "switchboard")))
        assert (wall.refusals, line.delivered) == (["EN-TLS-UNCHECKED"], b"")


class TestResumedSessions:
    @BOTH_VERSIONS
    def test_are_judged_by_what_the_full_handshake_showed(self, pki: Pki, version: int) -> None:
        """OpenSSL asks nobody when a session is resumed; who it is must still be known."""
        tls = listener(pki, Wall())
        line = again(pki, tls, outsider(pki, "switchboard", version))
        caller = tls.judge(line.server)
        assert (handshake_of(line.server).chain, caller.name, caller.identity) == (None, "lsp", "practice")

    @BOTH_VERSIONS
    def test_of_a_peer_no_longer_good_are_refused(self, pki: Pki, version: int) -> None:
        """A certificate that has ended since must not live on in a session."""
        tls = listener(pki, wall := Wall())
        line = again(pki, tls, outsider(pki, "switchboard", version))
        wall.at = NOW + timedelta(days=4 * 365)
        with pytest.raises(Refused) as caught:
            tls.judge(line.server)
        assert (caught.value.code, wall.refusals) == ("EN-TLS-EXPIRED", ["EN-TLS-EXPIRED"])

    def test_do_not_outlive_a_reload(self, pki: Pki) -> None:
        """New settings make new contexts, whose keys open no older ticket."""
        context = outsider(pki, "switchboard")
        old = again(pki, listener(pki, Wall()), context)
        client, fresh = calling(context), listener(pki, Wall())
        client.set_session(old.client.get_session())
        line = shake(client, fresh.serverConnectionForTLS(None))
        assert handshake_of(line.server).chain is not None

    @BOTH_VERSIONS
    def test_of_our_own_are_used_and_judged(self, pki: Pki, version: int) -> None:
        """A full handshake costs the switchboard; a session is used while its server is still good."""
        way, context = way_out(pki, wall := Wall()), outsider(pki, "switchboard", version)
        context.set_session_id(b"test")
        way.judge(shake(way.clientConnectionForTLS(None), asking(context)).client)
        second = shake(way.clientConnectionForTLS(None), SSL.Connection(context, None))
        assert handshake_of(second.client).chain is None
        wall.at = NOW + timedelta(days=4 * 365)
        with pytest.raises(Refused, match="EN-TLS-EXPIRED"):
            way.judge(second.client)


class TestLiveConnections:
    def test_are_judged_again_by_new_settings(self, pki: Pki) -> None:
        """A certificate revoked this morning must not speak on over a connection of last night."""
        old, new = listener(pki, Wall()), listener(pki, wall := Wall(revocation=listed(pki, NOW)))
        line = shake(calling(outsider(pki, "bad/revoked")), old.serverConnectionForTLS(None))
        assert old.judge(line.server).name == "lsp"
        with pytest.raises(Refused, match="EN-TLS-REVOKED"):
            new.judge(line.server)
        assert wall.refusals == ["EN-TLS-REVOKED"]


class TestLocalSystems:
    def own(self, pki: Pki, name: str = "local/local-listener") -> OwnIdentity:
        files = pki.files(name)
        purpose = (Purpose.SERVER,) if "listener" in name else (Purpose.CLIENT,)
        return load_identity(
            IdentityFiles(name=name, certificate=files.chain, key=files.key, fqdn=None, ura=None, purposes=purpose)
        )

    def listener(self, pki: Pki, wall: Wall) -> trust.LocalServerTls:
        return trust.local_server_tls(self.own(pki), load_anchors(pki.local_anchors), wall.surroundings())

    def client(self, pki: Pki, name: str | None) -> SSL.Connection:
        context = outsider(pki, name)
        context.load_verify_locations(str(pki.local_anchors))
        return calling(context, "localhost")

    def test_are_known_by_their_certificate(self, pki: Pki) -> None:
        """The settings bind this certificate to the application ids of one local system."""
        tls = self.listener(pki, Wall())
        line = shake(self.client(pki, "local/his"), tls.serverConnectionForTLS(None))
        shown = tls.judge(line.server)
        assert shown is not None
        assert shown.dns_names == (LOCAL["his"][0],)

    def test_may_keep_small_rsa_keys_when_the_first_generation_ends(self, pki: Pki) -> None:
        """That day is of the national certificates; a practice's own CA issues what its printers and PCs can do."""
        day = SMALL_RSA_UNTIL + timedelta(days=1)
        ca = root("Practice CA", "practice-ca", ec_key(), day - timedelta(days=30))
        profile = Profile(organisation="P", fqdn="his.local", not_before=day - DAY, not_after=day + DAY)
        issued = ca.issue(profile, RSA_2048)
        context = outsider(pki, None)
        context.use_certificate(issued.chain[0])
        context.use_privatekey(RSA_2048)
        context.set_verify(SSL.VERIFY_NONE)
        tls = trust.local_server_tls(self.own(pki), (ca.certificate,), Wall(at=day).surroundings())
        shown = tls.judge(shake(calling(context, "localhost"), tls.serverConnectionForTLS(None)).server)
        assert shown is not None
        assert shown.dns_names == ("his.local",)

    def test_may_come_without_one(self, pki: Pki) -> None:
        """They may prove themselves by token or password instead."""
        tls = self.listener(pki, Wall())
        line = shake(self.client(pki, None), tls.serverConnectionForTLS(None))
        assert (tls.judge(line.server), line.delivered) == (None, b"request")

    def test_with_one_of_another_ca_are_refused(self, pki: Pki) -> None:
        """A certificate that proves nothing is no better than a forged one."""
        tls = self.listener(pki, wall := Wall())
        line = shake(self.client(pki, "practice"), tls.serverConnectionForTLS(None))
        assert (wall.refusals, line.delivered) == (["EN-TLS-CHAIN"], b"")

    @pytest.mark.parametrize("host", [LOCAL["his-server"][0], "localhost", "127.0.0.1", "::1"])
    def test_are_called_by_name_or_address(self, pki: Pki, host: str) -> None:
        """Local systems are often addressed by IP address; the certificate must name it."""
        way = trust.local_client_tls(host, load_anchors(pki.local_anchors), Wall().surroundings())
        server = SSL.Connection(outsider(pki, "local/his-server"), None)
        line = shake(way.clientConnectionForTLS(None), server)
        assert way.judge(line.client).dns_names == (LOCAL["his-server"][0], "localhost")

    @pytest.mark.parametrize(
        ("host", "name", "code"),
        [
            ("elsewhere.test", "local/his-server", "EN-TLS-NAME"),
            ("127.0.0.2", "local/his-server", "EN-TLS-NAME"),
            ("localhost", "local/his", "EN-TLS-PURPOSE"),
            (PRACTICE[1], "practice", "EN-TLS-CHAIN"),
        ],
    )
    def test_that_are_not_the_one_called_get_an_alert(self, pki: Pki, host: str, name: str, code: str) -> None:
        """Answers with patient data go back only through a connection to the right system."""
        way = trust.local_client_tls(host, load_anchors(pki.local_anchors), (wall := Wall()).surroundings())
        line = shake(way.clientConnectionForTLS(None), SSL.Connection(outsider(pki, name), None))
        assert (wall.refusals, line.delivered) == ([code], b"")
        assert "alert" in line.errors["server"]
