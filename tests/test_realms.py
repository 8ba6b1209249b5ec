"""Test and production never mix: what a start, a reload and a check refuse, with the line it stands in."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge_node.certificates import read_certificates
from edge_node.settings.load import load_with_places
from tests.settings.written import SMALL, write
from tests.wire.bad_certificates import ROOT, SERVICES
from tests.wire.bad_certificates_uzi import GOOD_UZI, TEST_OID_CA, UZI_ISSUER, named, uzi
from tests.wire.forge import NOW, Ca, Spec, forge

TEST_ISSUER = Ca(name="TEST UZI-register Private Server CA G1")
PRODUCTION_ISSUER = Ca(name="UZI-register Private Server CA G1")
PRODUCTION_ROOT = Ca(name="Staat der Nederlanden Private Root CA - G1")
OWN = replace(GOOD_UZI, leaf=replace(GOOD_UZI.leaf, names=("gp-1.example",)))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate of our own, and the environment whose settings name it."""

    own: Spec = OWN
    anchors: tuple[Ca, ...] = (UZI_ISSUER, SERVICES, ROOT)
    environment: str = "production"


def told(folder: Path, pair: Pair) -> tuple[str, ...]:
    """Read the certificates that a site's settings name; return the complaints as an operator sees them."""
    folder.mkdir(exist_ok=True)
    own, root = forge(pair.own), forge(replace(OWN, cas=pair.anchors)).root
    (folder / "own.pem").write_bytes(own.pem)
    (folder / "anchors.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "cards.pem").write_bytes(forge(Spec(leaf=OWN.leaf, cas=(ROOT,))).root.public_bytes(Encoding.PEM))
    key = folder / "own.key"
    key.write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o400)
    text = SMALL.replace("environment: test", f"environment: {pair.environment}")
    text = text.replace('zim: "3"', 'zim: "1"').replace('ura: "00001001"', 'ura: "90000101"')
    text = text.replace("identities:", f"tokens: {{anchors: {folder / 'cards.pem'}}}\nidentities:")
    text = text.replace("certs/practice.pem", str(folder / "own.pem")).replace("credential:practice-key", str(key))
    loaded = load_with_places([write(folder, text.replace("certs/anchors.pem", str(folder / "anchors.pem")))])
    found = read_certificates(loaded.settings, lambda it: Path(it), NOW)
    return loaded.told(found.wrong)


class TestAStart:
    @pytest.mark.parametrize("environment", ["test", "production"])
    def test_takes_what_is_of_neither_by_name(self, tmp_path: Path, environment: str) -> None:
        """Only what says that it is of the other one is refused; the anchors decide the rest."""
        assert told(tmp_path, Pair(environment=environment)) == ()

    @pytest.mark.parametrize(
        ("pair", "where", "why"),
        [
            (
                Pair(own=replace(OWN, cas=(TEST_ISSUER, SERVICES, ROOT))),
                "identities[0].certificate",
                "TEST UZI-register Private Server CA G1 has TEST in its name, and this is production",
            ),
            (
                Pair(own=replace(OWN, cas=(PRODUCTION_ISSUER, SERVICES, ROOT)), environment="test"),
                "identities[0].certificate",
                "UZI-register Private Server CA G1 is a CA of production, and this is test",
            ),
            (
                Pair(anchors=(UZI_ISSUER, SERVICES, Ca(name="Private Root CA ACCEPTATIE"))),
                "switchboard.peers[0].anchors",
                "Private Root CA ACCEPTATIE has ACCEPTATIE in its name, and this is production",
            ),
            (
                Pair(anchors=(UZI_ISSUER, SERVICES, PRODUCTION_ROOT), environment="test"),
                "switchboard.peers[0].anchors",
                "Staat der Nederlanden Private Root CA - G1 is a CA of production, and this is test",
            ),
            (
                Pair(own=replace(OWN, leaf=replace(OWN.leaf, others=named(uzi(oid_ca=TEST_OID_CA)).others))),
                "identities[0].certificate",
                f"OID-CA {TEST_OID_CA} is of test, and this is production",
            ),
        ],
    )
    def test_refuses_what_is_of_the_other(self, tmp_path: Path, pair: Pair, where: str, why: str) -> None:
        """Invented patients must not enter real records, nor real ones a test system: the line says which key."""
        (found,) = told(tmp_path, pair)
        assert found.startswith(f"{tmp_path}/site.yaml:")
        assert f": {where}: " in found
        assert f"EN-TLS-ENVIRONMENT: {why}" in found


class TestOurOwnCertificate:
    @pytest.mark.parametrize(
        ("text", "part"),
        [
            (uzi(version="2"), "version"),
            (uzi(role="01.015"), "role"),
            (uzi(agb="123"), "AGB"),
        ],
    )
    def test_is_held_to_the_profile_in_production(self, tmp_path: Path, text: str, part: str) -> None:
        """The register makes none like it, so this file is not the one that came from the register."""
        own = replace(OWN, leaf=replace(OWN.leaf, others=named(text).others))
        (found,) = told(tmp_path, Pair(own=own))
        assert f"EN-TLS-UZI-PROFILE: the {part} is not of its form" in found
        assert told(tmp_path / "test", Pair(own=own, environment="test")) == ()

    def test_of_a_new_ca_of_the_register_is_no_reason_not_to_start(self, tmp_path: Path) -> None:
        """At a renewal the register may have a CA that this release does not know; care goes on."""
        own = replace(OWN, cas=(Ca(name="UZI Server - G5"), SERVICES, ROOT))
        assert told(tmp_path, Pair(own=own)) == ()
