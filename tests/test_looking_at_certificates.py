"""The checks on certificates, broken through certificates: real ones, each with one thing wrong."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge_node.looking_at_certificates import own_certificate
from edge_node.model.check import Outcome, Result
from edge_node.model.facts_identity import CertificateFacts
from edge_node.model.revocation import RevocationFact, StandingFact
from edge_node.policy import check_identity
from edge_node.policy.check_catalogue import load
from edge_node.policy.check_engine import judge
from edge_node.settings.identities import IdentitySettings
from edge_node.settings.schema import Settings
from edge_node.thresholds import limits_of
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_choice import Pair, Source
from edge_node.wire.trust_identity import OwnIdentity

from .check_doubles import settings_of
from .wire.bad_certificates_uzi import named, uzi
from .wire.forge import CLIENT, NOW, SERVER, Ca, Shown, Spec, forge

LEAF = replace(named(uzi(ura="00001001")), names=("gp-1.example",), usages=(SERVER, CLIENT), days=(-1, 1000))
CAS = (Ca(name="Issuer - G4"), Ca(name="Root - G4"))
GOOD = Spec(leaf=LEAF, cas=CAS)
STANDING = StandingFact(
    of="practice", is_own=True, subject="", issuer="", verdict="good", why="", source="", until=None, is_borne=False
)
RULES = {
    "cert-validity": check_identity.validity,
    "cert-chain": check_identity.chain,
    "cert-eku": check_identity.purposes,
    "cert-fqdn": check_identity.fqdn,
    "cert-ura": check_identity.ura,
    "cert-expiry": check_identity.expiry,
    "cert-generation": check_identity.generation,
    "cert-revoked": check_identity.revoked,
    "key-storage": check_identity.key_storage,
    "cert-purpose-separation": check_identity.separation,
    "certificate-and-cards": check_identity.in_use,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def identity_of(settings: Settings) -> IdentitySettings:
    return settings.identities[0]


def seen(settings: Settings, shown: Shown, verdict: str = "good", key: str = "sealed:practice") -> CertificateFacts:
    """What the look sees of a certificate that a node shows."""
    own = OwnIdentity(
        name="practice",
        chain=shown.chain,
        key=shown.key,
        fqdn="gp-1.example",
        ura=None,
        certificate=read_certificate(shown.chain[0]),
    )
    pair = Pair(source=Source.SETTINGS, certificate="practice.pem", key=key, own=own)
    known = RevocationFact(standings=(replace(STANDING, verdict=verdict),))
    found = own_certificate(identity_of(settings), pair, ((shown.root,), known))
    return CertificateFacts(at=NOW, own=(found,))


def judged(settings: Settings, check: str, facts: CertificateFacts) -> Outcome:
    return judge(RULES[check], load()[check], facts, limits_of(settings))


class TestAGoodCertificate:
    @pytest.mark.parametrize("check", RULES)
    def test_passes_every_check(self, settings: Settings, check: str) -> None:
        """What cries wolf over a good certificate is soon not listened to."""
        assert judged(settings, check, seen(settings, forge(GOOD))).result is Result.GOOD


class TestABadCertificate:
    @pytest.mark.parametrize(
        ("check", "spec", "result"),
        [
            ("cert-validity", replace(GOOD, leaf=replace(LEAF, days=(-900, -1))), Result.VIOLATED),
            ("cert-validity", replace(GOOD, leaf=replace(LEAF, days=(2, 900))), Result.VIOLATED),
            ("cert-chain", replace(GOOD, cas=(Ca(name="Issuer - G4", days=(-700, -1)), CAS[1])), Result.VIOLATED),
            ("cert-chain", replace(GOOD, leaf=replace(LEAF, signed_by="nobody")), Result.VIOLATED),
            ("cert-eku", replace(GOOD, leaf=replace(LEAF, usages=(SERVER,))), Result.VIOLATED),
            ("cert-fqdn", replace(GOOD, leaf=replace(LEAF, names=("other.example",))), Result.VIOLATED),
            ("cert-ura", replace(GOOD, leaf=replace(named(uzi(ura="90000202")), names=LEAF.names)), Result.VIOLATED),
            ("cert-expiry", replace(GOOD, leaf=replace(LEAF, days=(-900, 50))), Result.WARNED),
            ("cert-expiry", replace(GOOD, leaf=replace(LEAF, days=(-900, 20))), Result.VIOLATED),
            ("cert-generation", replace(GOOD, cas=(Ca(name="Issuer G1"), Ca(name="Root G1"))), Result.WARNED),
            ("certificate-and-cards", replace(GOOD, leaf=replace(LEAF, days=(-900, -1))), Result.VIOLATED),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_turns_its_check(self, settings: Settings, check: str, spec: Spec, result: Result) -> None:
        """Each check can fail, and does where the certificate itself is wrong."""
        assert judged(settings, check, seen(settings, forge(spec))).result is result

    def test_that_was_revoked_turns_its_check(self, settings: Settings) -> None:
        """The verdict is that of the node's own judge of revocation."""
        assert judged(settings, "cert-revoked", seen(settings, forge(GOOD), "revoked")).result is Result.VIOLATED

    def test_of_which_nobody_can_tell_is_unknown(self, settings: Settings) -> None:
        """No list is no pass, and no reason to stop care."""
        assert judged(settings, "cert-revoked", seen(settings, forge(GOOD), "unknown")).result is Result.UNKNOWN

    def test_under_an_anchor_that_is_not_known_here_warns(self, settings: Settings) -> None:
        """Its own chain holds; whether others trust its root cannot be seen from here."""
        stranger = replace(forge(GOOD), cas=forge(replace(GOOD, cas=(CAS[0], Ca(name="Other")))).cas)
        assert judged(settings, "cert-chain", seen(settings, stranger)).result is Result.WARNED

    def test_of_one_of_two_organisations_concerns_that_one(self, settings: Settings) -> None:
        """In a health centre the pharmacy goes on when the practice cannot."""
        good = seen(settings, forge(GOOD)).own[0]
        bad = seen(settings, forge(replace(GOOD, leaf=replace(LEAF, days=(-900, -1))))).own[0]
        facts = CertificateFacts(at=NOW, own=(good, replace(bad, identity="pharmacy")))
        outcome = judged(settings, "cert-validity", facts)
        assert (outcome.result, outcome.concerns) == (Result.VIOLATED, {"pharmacy"})

    def test_is_none_where_none_is_in_use(self, settings: Settings) -> None:
        """An organisation without a certificate is not one with a good one."""
        assert judged(settings, "cert-validity", CertificateFacts(at=NOW, own=())).result is Result.UNKNOWN


class TestAKey:
    def test_that_lies_bare_in_a_file_warns(self, settings: Settings) -> None:
        """Whoever copies the file has the identity of the practice."""
        assert judged(settings, "key-storage", seen(settings, forge(GOOD), key="/x/key.pem")).result is Result.WARNED

    def test_that_serves_two_purposes_turns_its_check(self, settings: Settings) -> None:
        """Who steals the key of the listener would sign for the practice as well."""
        facts = seen(settings, forge(GOOD))
        shared = replace(facts, others=(("local.listeners.0.tls", facts.own[0].key_id),))
        assert judged(settings, "cert-purpose-separation", shared).result is Result.VIOLATED


class TestTime:
    def test_alone_turns_a_check(self, settings: Settings) -> None:
        """Nothing changes on the disk when a certificate ends."""
        facts = replace(seen(settings, forge(GOOD)), at=NOW + timedelta(days=1001))
        assert judged(settings, "cert-validity", facts).result is Result.VIOLATED
