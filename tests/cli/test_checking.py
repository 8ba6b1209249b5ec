"""What `edge-node check` sees of certificates beyond their form."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge_node.cli.checking import Found, look
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from tests.settings.written import SMALL

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("ended"), now=NOW - timedelta(days=1200), bad=False)


def check(folder: Path, pki: Pki, identity: dict[str, Any] | None = None, **sections: Any) -> Found:
    """Check a site whose key is lent by systemd, as most are; here nobody lent it."""
    settings = yaml.safe_load(SMALL)
    settings["identities"][0] |= {
        "ura": PRACTICE_UZI.ura,
        "organisation": PRACTICE[0],
        "fqdn": PRACTICE[1],
        "certificate": str(pki.files("practice").chain),
        "key": "credential:practice-key",
        **(identity or {}),
    }
    (folder / "state").mkdir(mode=0o700)
    settings["node"]["state_dir"] = str(folder / "state")
    settings["switchboard"]["peers"][0]["anchors"] = str(pki.anchors)
    (folder / "site.yaml").write_text(yaml.safe_dump(settings | sections))
    return look([folder / "site.yaml"])


class TestACertificateWhoseKeyIsNotSeen:
    def test_that_has_ended_is_told(self, tmp_path: Path, ended: Pki) -> None:
        """With the key in a credential, as in production, a check that says good would be trusted."""
        found = check(tmp_path, ended)
        assert [one for one in found.complaints if "identities[0].certificate" in one and " ended " in one]

    def test_that_is_good_is_not(self, tmp_path: Path, pki: Pki) -> None:
        """The rest of its judgement needs the key, which the service alone gets."""
        found = check(tmp_path, pki)
        assert [one for one in found.complaints if "identities" in one] == []

    def test_that_is_of_another_organisation_is_a_hint(self, tmp_path: Path, pki: Pki) -> None:
        """A start takes it, and the next installation does not."""
        found = check(tmp_path, pki, {"organisation": "Iemand"})
        assert [one for one in found.hints if "identities[0].organisation" in one and PRACTICE[0] in one]


class TestASealedKey:
    def test_that_is_not_there_is_told_to_whoever_could_open_it(self, tmp_path: Path, pki: Pki) -> None:
        """It is told before the restart that would need it."""
        (tmp_path / "master").write_bytes(b"k" * 32)
        (tmp_path / "master").chmod(0o600)
        key = {"key": "sealed:practice.9"}
        found = check(tmp_path, pki, key, store={"sealing_key": str(tmp_path / "master")})
        assert [one for one in found.complaints if "identities[0].key" in one]

    def test_is_not_judged_by_who_cannot_open_any(self, tmp_path: Path, pki: Pki) -> None:
        """Neither good nor wrong: it is said to be unseen."""
        found = check(tmp_path, pki, {"key": "sealed:practice.9"})
        assert [one for one in found.not_seen if "identities[0].key" in one]


class TestAListThatNeverComes:
    def test_is_a_hint(self, tmp_path: Path, pki: Pki) -> None:
        """The node would start, say well, and let nobody in."""
        found = check(
            tmp_path, pki, revocation={"fetch": {"from_certificates": False}, "ocsp": {"use": "lists-only"}}
        )
        assert [one for one in found.hints if "comes from anywhere" in one]

    def test_is_none_where_the_files_have_it(self, tmp_path: Path, pki: Pki) -> None:
        """Somebody else keeps them."""
        chosen = {"fetch": {"from_certificates": False}, "crl_files": [str(pki.out / "crl")]}
        found = check(tmp_path, pki, revocation=chosen)
        assert [one for one in found.hints if "comes from anywhere" in one] == []


class TestIssuersOfCards:
    @pytest.mark.parametrize(("name", "count"), [("Nobody CA", 1), (None, 0)])
    def test_that_no_anchor_bears_are_a_hint(self, tmp_path: Path, pki: Pki, name: str | None, count: int) -> None:
        """Every card would be refused, from the first message on."""
        known = name or _common_name(pki)
        tokens = {"anchors": str(pki.anchors), "issuers": [{"name": known, "card": "server"}]}
        found = check(tmp_path, pki, tokens=tokens)
        assert len([one for one in found.hints if "is no CA in tokens.anchors" in one]) == count


def _common_name(pki: Pki) -> str:
    from cryptography import x509

    from edge_node.wire.trust_certificate import common_name

    return common_name(x509.load_pem_x509_certificates(pki.anchors.read_bytes())[0].subject)
