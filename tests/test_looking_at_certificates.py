"""The checks on certificates, broken through certificates: real ones, each with one thing wrong."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from edge_node.looking_at_certificates import looks
from edge_node.model.check import Outcome, Result
from edge_node.model.revocation import RevocationFact, StandingFact
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_choice import Pair, Source
from edge_node.wire.trust_identity import OwnIdentity

from .check_doubles import settings_of
from .look_ground import Site, TwoClocks, outcome
from .settings.written import SMALL, write
from .wire.bad_certificates_uzi import named, uzi
from .wire.forge import CLIENT, NOW, SERVER, Ca, Shown, Spec, forge

LEAF = replace(named(uzi(ura="00001001")), names=("gp-1.example",), usages=(SERVER, CLIENT), days=(-1, 1000))
CAS = (Ca(name="Issuer - G4"), Ca(name="Root - G4"))
GOOD = Spec(leaf=LEAF, cas=CAS)
STANDING = StandingFact(
    of="practice", is_own=True, subject="", issuer="", verdict="good", why="", source="", until=None, is_borne=False
)
CHECKS = (
    "cert-validity", "cert-chain", "cert-eku", "cert-fqdn", "cert-ura", "cert-expiry", "cert-generation",
    "cert-revoked", "key-storage", "cert-purpose-separation", "certificate-and-cards",
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@dataclass
class Held:
    """Certificates as a node holds them: what is shown under which name, what else has a key, what is known of it."""

    settings: Settings
    roots: tuple[x509.Certificate, ...] = ()
    peer_anchors: tuple[x509.Certificate, ...] = ()
    verdict: str = "good"
    at: datetime = NOW
    choices: dict[str, Any] = field(default_factory=dict)
    own: dict[Steps, OwnIdentity] = field(default_factory=dict)
    anchors: dict[Steps, tuple[x509.Certificate, ...]] = field(default_factory=dict)

    def shows(self, shown: Shown, name: str = "practice", key: str = "sealed:practice") -> "Held":
        own = OwnIdentity(
            name=name,
            chain=shown.chain,
            key=shown.key,
            fqdn="gp-1.example",
            ura=None,
            certificate=read_certificate(shown.chain[0]),
        )
        pair = Pair(source=Source.SETTINGS, certificate=f"{name}.pem", key=key, own=own)
        self.choices[name] = SimpleNamespace(in_use=pair)
        self.own["identities", len(self.own)] = own
        self.roots = self.roots or (shown.root,)
        return self

    def judged(self, check: str) -> Outcome:
        """Look at them as the node does."""
        known = RevocationFact(standings=(replace(STANDING, verdict=self.verdict),))
        at = Site(self.settings, TwoClocks(wall_s=self.at.timestamp()), parts={"revoking": Fact(known)})
        at.wired = SimpleNamespace(
            settings=self.settings,
            held=self,
            anchors=self.roots,
            certificates=[choice.in_use.own for choice in self.choices.values()],
            peers=[SimpleNamespace(name="lsp", anchors=self.peer_anchors)],
        )
        (look,) = (one for one in looks(at) if check in one.rules)  # type: ignore[arg-type]
        return outcome(self.settings, look, check)


@dataclass(frozen=True)
class Fact:
    """Who knows what was revoked."""

    known: RevocationFact

    def fact(self) -> RevocationFact:
        return self.known


@pytest.fixture
def held(settings: Settings) -> Held:
    return Held(settings)


class TestAGoodCertificate:
    @pytest.mark.parametrize("check", CHECKS)
    def test_passes_every_check(self, held: Held, check: str) -> None:
        """What cries wolf over a good certificate is soon not listened to."""
        assert held.shows(forge(GOOD)).judged(check).result is Result.GOOD


class TestABadCertificate:
    @pytest.mark.breaks("cert-validity", "certificate-and-cards")
    @pytest.mark.parametrize("days", [(-900, -1), (2, 900)], ids=["ended", "not begun"])
    def test_that_is_not_within_its_dates_turns_two_checks(self, held: Held, days: tuple[float, float]) -> None:
        """The switchboard refuses it, whatever else is right."""
        held.shows(forge(replace(GOOD, leaf=replace(LEAF, days=days))))
        assert {held.judged(name).result for name in ("cert-validity", "certificate-and-cards")} == {Result.VIOLATED}

    @pytest.mark.breaks("cert-chain")
    @pytest.mark.parametrize(
        "spec",
        [
            replace(GOOD, cas=(Ca(name="Issuer - G4", days=(-700, -1)), CAS[1])),
            replace(GOOD, leaf=replace(LEAF, signed_by="nobody")),
        ],
        ids=["a CA ended", "another issuer"],
    )
    def test_under_a_broken_chain_turns_its_check(self, held: Held, spec: Spec) -> None:
        """Who is called cannot follow it to a root."""
        assert held.shows(forge(spec)).judged("cert-chain").result is Result.VIOLATED

    @pytest.mark.breaks("cert-eku")
    def test_that_may_only_be_called_turns_its_check(self, held: Held) -> None:
        """Nothing would go out with it."""
        held.shows(forge(replace(GOOD, leaf=replace(LEAF, usages=(SERVER,)))))
        assert held.judged("cert-eku").result is Result.VIOLATED

    @pytest.mark.breaks("cert-fqdn")
    def test_with_another_name_turns_its_check(self, held: Held) -> None:
        """It is the certificate of another machine."""
        held.shows(forge(replace(GOOD, leaf=replace(LEAF, names=("other.example",)))))
        assert held.judged("cert-fqdn").result is Result.VIOLATED

    @pytest.mark.breaks("cert-ura")
    def test_of_another_organisation_turns_its_check(self, held: Held) -> None:
        """Its subscriber number is not the one in the settings."""
        held.shows(forge(replace(GOOD, leaf=replace(named(uzi(ura="90000202")), names=LEAF.names))))
        assert held.judged("cert-ura").result is Result.VIOLATED

    @pytest.mark.breaks("cert-expiry")
    @pytest.mark.parametrize(("left", "result"), [(50, Result.WARNED), (20, Result.VIOLATED)])
    def test_that_ends_soon_turns_its_check(self, held: Held, left: int, result: Result) -> None:
        """To get a new one takes weeks."""
        held.shows(forge(replace(GOOD, leaf=replace(LEAF, days=(-900, left)))))
        assert held.judged("cert-expiry").result is result

    @pytest.mark.breaks("cert-generation")
    def test_of_the_old_generation_is_told(self, held: Held) -> None:
        """It ends for everybody on one day."""
        held.shows(forge(replace(GOOD, cas=(Ca(name="Issuer G1"), Ca(name="Root G1")))))
        assert held.judged("cert-generation").result is Result.WARNED

    @pytest.mark.parametrize(
        ("verdict", "result"), [("revoked", Result.VIOLATED), ("unknown", Result.UNKNOWN), ("good", Result.GOOD)]
    )
    def test_is_revoked_as_the_judge_of_revocation_says(self, held: Held, verdict: str, result: Result) -> None:
        """No list is no pass, and no reason to stop care."""
        held.verdict = verdict
        assert held.shows(forge(GOOD)).judged("cert-revoked").result is result

    def test_under_an_anchor_that_is_not_known_here_warns(self, held: Held) -> None:
        """Its own chain holds; whether others trust its root cannot be seen from here."""
        held.roots = (forge(replace(GOOD, cas=(CAS[0], Ca(name="Other")))).root,)
        assert held.shows(forge(GOOD)).judged("cert-chain").result is Result.WARNED

    def test_of_one_of_two_organisations_concerns_that_one(self, settings: Settings) -> None:
        """In a health centre the pharmacy goes on when the practice cannot."""
        practice = settings.identities[0]
        pharmacy = practice.model_copy(update={"name": "pharmacy"})
        held = Held(settings.model_copy(update={"identities": (practice, pharmacy)}))
        ended = forge(replace(GOOD, leaf=replace(LEAF, days=(-900, -1))))
        found = held.shows(forge(GOOD)).shows(ended, "pharmacy").judged("cert-validity")
        assert (found.result, found.concerns) == (Result.VIOLATED, {"pharmacy"})

    def test_is_none_where_none_is_in_use(self, held: Held) -> None:
        """An organisation without a certificate is not one with a good one."""
        assert held.judged("cert-validity").result is Result.UNKNOWN


class TestAKey:
    @pytest.mark.breaks("key-storage")
    def test_that_lies_bare_in_a_file_warns(self, held: Held) -> None:
        """Whoever copies the file has the identity of the practice."""
        assert held.shows(forge(GOOD), key="/x/key.pem").judged("key-storage").result is Result.WARNED

    @pytest.mark.breaks("cert-purpose-separation")
    def test_that_serves_two_purposes_turns_its_check(self, held: Held) -> None:
        """Who steals the key of the listener would sign for the practice as well."""
        held.shows(forge(GOOD))
        held.own["local", "listeners", 0, "tls"] = held.choices["practice"].in_use.own
        assert held.judged("cert-purpose-separation").result is Result.VIOLATED


class TestTime:
    def test_alone_turns_a_check(self, held: Held) -> None:
        """Nothing changes on the disk when a certificate ends."""
        held.at = NOW + timedelta(days=1001)
        assert held.shows(forge(GOOD)).judged("cert-validity").result is Result.VIOLATED


PRODUCTION = (("environment: test", "environment: production"), ('zim: "3"', 'zim: "1"'))
G1 = replace(GOOD, cas=(Ca(name="Issuer G1"), Ca(name="Root G1")))


class TestAnEnvironment:
    @pytest.fixture
    def held(self, tmp_path: Path) -> Held:
        """Of a site in production."""
        text = reduce(lambda text, change: text.replace(*change), PRODUCTION, SMALL)
        return Held(load((write(tmp_path, f"{text}tokens: {{anchors: cards.pem}}\n"),)))

    def test_without_anything_of_test_is_good(self, held: Held) -> None:
        """Its own certificate, and the anchors of the switchboard."""
        held.peer_anchors = (forge(GOOD).root,)
        assert held.shows(forge(GOOD)).judged("environment-mix").result is Result.GOOD

    @pytest.mark.breaks("environment-mix")
    def test_with_a_certificate_of_test_turns_its_check(self, held: Held) -> None:
        """It was put in for a trial, and stayed."""
        held.shows(forge(replace(GOOD, cas=(Ca(name="TEST Issuer - G4"), Ca(name="TEST Root - G4")))))
        found = held.judged("environment-mix")
        assert (found.result, found.evidence[0][0]) == (Result.VIOLATED, "certificate of practice")

    @pytest.mark.breaks("environment-mix")
    def test_with_an_anchor_of_test_turns_its_check(self, held: Held) -> None:
        """Whoever has a certificate of test would be let in."""
        held.peer_anchors = (forge(replace(GOOD, cas=(CAS[0], Ca(name="Acceptatie Root")))).root,)
        found = held.judged("environment-mix")
        assert (found.result, found.evidence[0][0]) == (Result.VIOLATED, "anchors of lsp")

    @pytest.mark.breaks("truststore-current")
    def test_that_trusts_one_generation_is_told(self, held: Held) -> None:
        """The switchboard changes over on a day of its own choice."""
        held.peer_anchors = (forge(GOOD).root,)
        assert held.judged("truststore-current").result is Result.WARNED

    def test_that_trusts_both_is_good(self, held: Held) -> None:
        """One of each."""
        held.peer_anchors = (forge(GOOD).root, forge(G1).root)
        assert held.judged("truststore-current").value == "G1, G4"

    def test_of_test_has_generations_of_its_own(self, settings: Settings) -> None:
        """Those of PKIoverheid do not hold there."""
        assert Held(settings).judged("truststore-current").result is Result.NOT_USED
