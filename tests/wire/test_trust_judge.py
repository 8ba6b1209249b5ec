"""Whether a verified chain is a peer of ours: every demand on its own, and what never counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509

from edge_node.errors import PAGES, Refused
from edge_node.model.hierarchies import TEST_REALM
from edge_node.sandbox.pki_authority import Authority, Issued, Profile, ec_key, root, sign
from edge_node.wire.trust_judge import ORDER, Judged, Purpose, TrustedPeer, any_client_rules, peer_rules

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PROFILE = Profile(
    organisation="Schakelpunt B.V.",
    fqdn="lsp.test",
    not_before=NOW - timedelta(days=1),
    not_after=NOW + timedelta(days=1),
)


@cache
def authority() -> Authority:
    return root("A CA", "ca", ec_key(), NOW)


@cache
def issued(profile: Profile) -> Issued:
    return authority().issue(profile, ec_key())


def peer(**other: object) -> TrustedPeer:
    values: dict[str, object] = {
        "name": "lsp",
        "role": "zim",
        "host": "lsp.test",
        "client_names": ("lsp.test",),
        "issuers": ("A CA",),
        "organisation": "Schakelpunt B.V.",
        "anchors": (authority().certificate,),
        "realm": TEST_REALM,
    }
    return TrustedPeer(**(values | other))  # type: ignore[arg-type]


def judged(
    of: TrustedPeer, profile: Profile = PROFILE, *, purpose: Purpose = Purpose.CLIENT, at: datetime = NOW
) -> Judged:
    return peer_rules((of,), purpose, lambda: at)((*issued(profile).chain, authority().certificate))


def refusal(of: TrustedPeer, profile: Profile = PROFILE, *, purpose: Purpose = Purpose.CLIENT) -> str:
    with pytest.raises(Refused) as caught:
        judged(of, profile, purpose=purpose)
    return caught.value.code


class TestRoles:
    def test_of_one_machine_may_be_several(self) -> None:
        """Switchboard and broker may stand on one machine with one certificate: it may do what either may."""
        rules = peer_rules((peer(), peer(name="za-in", role="broker")), Purpose.CLIENT, lambda: NOW)
        found = rules((*issued(PROFILE).chain, authority().certificate))
        assert (found.name, found.roles) == ("lsp", {"zim", "broker"})

    def test_are_those_it_proved(self) -> None:
        """Another name is another party, whatever it is trusted with elsewhere."""
        other = peer(name="za-in", role="broker", client_names=("fhir.test",))
        rules = peer_rules((peer(), other), Purpose.CLIENT, lambda: NOW)
        assert rules((*issued(PROFILE).chain, authority().certificate)).roles == {"zim"}


class TestNames:
    def test_may_differ_per_direction(self) -> None:
        """The switchboard often calls from another machine than the one that is called."""
        other = peer(server_names=("in.lsp.test",), client_names=("out.lsp.test",))
        assert judged(other, replace(PROFILE, fqdn="out.lsp.test")).name == "lsp"
        assert judged(other, replace(PROFILE, fqdn="in.lsp.test"), purpose=Purpose.SERVER).name == "lsp"
        assert refusal(other, replace(PROFILE, fqdn="in.lsp.test")) == "EN-TLS-NAME"

    def test_are_the_host_where_none_are_given(self) -> None:
        """What the node connects to is what it expects to find."""
        assert judged(peer(), purpose=Purpose.SERVER).name == "lsp"
        assert refusal(peer(host="other.test"), purpose=Purpose.SERVER) == "EN-TLS-NAME"

    def test_do_not_mind_capitals(self) -> None:
        """DNS does not."""
        assert judged(peer(client_names=("LSP.test",)), replace(PROFILE, fqdn="lsp.TEST")).name == "lsp"

    def test_are_no_patterns(self) -> None:
        """A wildcard would let any machine of a zone be the switchboard."""
        assert refusal(peer(), replace(PROFILE, fqdn="*.test")) == "EN-TLS-NAME"

    def test_stand_in_the_subject_alternative_name(self) -> None:
        """The common name is free text to many a CA."""
        subject, key = issued(PROFILE).chain[0].subject, ec_key()
        begins, ends = PROFILE.not_before, PROFILE.not_after
        builder = x509.CertificateBuilder(
            authority().certificate.subject, subject, key.public_key(), 1, begins, ends
        ).add_extension(x509.ExtendedKeyUsage(PROFILE.usages), critical=False)
        with pytest.raises(Refused, match="EN-TLS-NAME"):
            peer_rules((peer(),), Purpose.CLIENT, lambda: NOW)(
                (sign(builder, authority().key), authority().certificate)
            )


class TestIssuers:
    @pytest.mark.parametrize("written", ["A CA", "CN=A CA,2.5.4.97=NTRNL-00000000,O=EDGE NODE TEST,C=NL"])
    def test_are_known_by_common_or_full_name(self, written: str) -> None:
        """Two CAs may share a common name; then the full name tells them apart."""
        assert judged(peer(issuers=("Another CA", written))).certificate.issuer_common_name == "A CA"

    @pytest.mark.parametrize("written", ["a ca", "A", "O=EDGE NODE TEST,C=NL"])
    def test_that_only_resemble_are_refused(self, written: str) -> None:
        """Near enough is how an attacker would name his CA."""
        assert refusal(peer(issuers=(written,))) == "EN-TLS-ISSUER"


class TestTheRest:
    def test_an_organisation_not_configured_is_not_asked(self) -> None:
        """The published rules name chain, issuer and name; a site adds the organisation."""
        assert judged(peer(organisation=None)).name == "lsp"

    @pytest.mark.parametrize(
        ("at", "code"), [(NOW - timedelta(days=2), "EN-TLS-NOT-YET"), (NOW + timedelta(days=2), "EN-TLS-EXPIRED")]
    )
    def test_dates_are_those_of_the_moment_asked(self, at: datetime, code: str) -> None:
        """A connection of weeks ago is judged by today."""
        with pytest.raises(Refused, match=code):
            judged(peer(), at=at)

    def test_a_certificate_without_purposes_is_refused(self) -> None:
        """OpenSSL takes a missing list as 'for everything'; we do not."""
        assert refusal(peer(), replace(PROFILE, usages=())) == "EN-TLS-PURPOSE"

    def test_no_peers_let_nobody_in(self) -> None:
        """An empty list must never mean 'anybody'."""
        with pytest.raises(Refused, match="EN-TLS-CHAIN"):
            peer_rules((), Purpose.CLIENT, lambda: NOW)((*issued(PROFILE).chain, authority().certificate))

    def test_a_local_system_needs_a_client_certificate(self) -> None:
        """A server's certificate of the same CA does not make a caller."""
        server = issued(replace(PROFILE, usages=(x509.ExtendedKeyUsageOID.SERVER_AUTH,)))
        with pytest.raises(Refused, match="EN-TLS-PURPOSE"):
            any_client_rules(lambda: NOW)(server.chain)

    def test_every_code_has_its_page(self) -> None:
        """An operator who reads a code must find what to do."""
        assert set(ORDER) <= set(PAGES)
