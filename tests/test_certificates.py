"""The certificates that the settings name, read for a start, a reload and a check alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.certificates import read_certificates
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.settings.values import existing_path
from tests.settings.written import SMALL, write

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


def site(folder: Path, certificate: Path, anchors: Path) -> Settings:
    text = SMALL.replace("certs/practice.pem", str(certificate)).replace("certs/anchors.pem", str(anchors))
    return load([write(folder, text)])


class TestReadCertificates:
    def test_reads_the_rest_when_one_is_wrong(self, tmp_path: Path, pki: Pki) -> None:
        """An operator who puts one right must not meet the next at the next try."""
        settings = site(tmp_path, tmp_path / "gone.pem", pki.files("practice").key)
        found = read_certificates(settings, lambda it: existing_path(it, pki.out / "practice"), NOW)
        assert [steps for steps, _ in found.wrong] == [
            ("identities", 0, "certificate"),
            ("identities", 0, "key"),
            ("switchboard", "peers", 0, "anchors"),
        ]

    def test_keeps_anchors_by_the_key_that_names_them(self, tmp_path: Path, pki: Pki) -> None:
        """What one peer is trusted for must not be taken for another."""
        found = read_certificates(site(tmp_path, tmp_path, pki.anchors), lambda it: Path(it), NOW)
        assert list(found.anchors) == [("switchboard", "peers", 0, "anchors")]

    def test_says_nothing_of_what_its_reader_was_told(self, tmp_path: Path) -> None:
        """One cause, one line."""
        found = read_certificates(site(tmp_path, tmp_path, tmp_path), lambda _: None, NOW)
        assert (found.wrong, found.own, found.anchors) == ([], {}, {})

    def test_tells_one_that_has_ended_apart(self, tmp_path: Path, pki: Pki) -> None:
        """It is no reason not to start, since other organisations may be behind the same node."""
        files = pki.files("practice")
        settings = site(tmp_path, files.chain, pki.anchors)
        identity = settings.identities[0].model_copy(
            update={"key": str(files.key), "fqdn": PRACTICE[1], "ura": PRACTICE_UZI.ura}
        )
        settings = settings.model_copy(update={"identities": (identity,)})
        found = read_certificates(settings, lambda it: Path(it), NOW + timedelta(days=1200))
        assert (found.wrong, list(found.own)) == ([], [("identities", 0)])
        assert [steps for steps, _ in found.out_of_date.values()] == [("identities", 0, "certificate")]
