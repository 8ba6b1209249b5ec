"""Tokens on the disk: the search reads real files, in a process of its own."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from edge_node.probes import token_search
from edge_node.probes.tokens import TokenSearch

SAML = b'<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1">'
WEB = b".".join(
    base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"RS256"}', b'{"sub":"90000012"}', b"s" * 64)
)
NOISE = bytes(range(256)) * 8_000  # two pieces of what is read at once


def found(folder: Path, *, passed_over: str = "") -> tuple[str, ...]:
    search = TokenSearch(passed_over={passed_over})
    return search.look([folder], 10.0).found


class TestSearch:
    @pytest.mark.parametrize("token", [SAML, base64.b64encode(b"<saml:Assertion>"), WEB, b"urn:aorta:805"])
    @pytest.mark.parametrize("before", [b"", NOISE, NOISE[: token_search._CHUNK_BYTES - 20]])
    def test_finds_a_token_wherever_it_stands(self, tmp_path: Path, token: bytes, before: bytes) -> None:
        """In a page of the database that was freed, in its write-ahead log, across two pieces of a file."""
        (tmp_path / "store.db-wal").write_bytes(before + token + NOISE)
        assert found(tmp_path) == ("store.db-wal",)

    def test_finds_nothing_where_all_is_sealed(self, tmp_path: Path) -> None:
        """A check that cries wolf over ciphertext would be switched off."""
        (tmp_path / "store.db").write_bytes(NOISE)
        assert found(tmp_path) == ()

    def test_looks_in_folders_within(self, tmp_path: Path) -> None:
        """Segments of the access log have a folder of their own."""
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "segment").write_bytes(SAML)
        assert found(tmp_path) == ("segment",)

    def test_passes_over_what_is_known_to_be_no_secret(self, tmp_path: Path) -> None:
        """A signed list of addresses has the form of a token."""
        (tmp_path / "stelseltoken.json").write_bytes(WEB)
        assert found(tmp_path, passed_over="stelseltoken.json") == ()

    def test_goes_on_where_it_stopped(self, tmp_path: Path) -> None:
        """A store of years is not read in one look, and no part of it is left out."""
        (tmp_path / "store.db").write_bytes(NOISE + SAML)
        search = TokenSearch()
        first = search.look([tmp_path], 10.0, most_bytes=1)
        second = search.look([tmp_path], 10.0)
        assert (first.found, first.whole_passes) == ((), 0)
        assert (second.found, second.whole_passes) == (("store.db",), 1)

    def test_tells_in_how_many_looks_all_was_read(self, tmp_path: Path) -> None:
        """So that nobody takes what was found hours ago for what is there now."""
        (tmp_path / "store.db").write_bytes(bytes(3_000_000))
        search = TokenSearch()
        first = search.look([tmp_path], 10.0, most_bytes=1_500_000)
        second = search.look([tmp_path], 10.0, most_bytes=3_000_000)
        assert (first.whole_passes, first.whole_looks) == (0, 0)
        assert (second.whole_passes, second.whole_looks) == (1, 2)
        assert second.whole_bytes >= 3_000_000

    def test_forgets_what_is_mended_after_a_whole_pass(self, tmp_path: Path) -> None:
        """It clears by itself."""
        path = tmp_path / "store.db"
        path.write_bytes(SAML)
        search = TokenSearch()
        search.look([tmp_path], 10.0)
        path.write_bytes(b"sealed")
        search.look([tmp_path], 10.0)
        assert search.look([tmp_path], 10.0).found == ()

    def test_never_repeats_what_it_found(self, tmp_path: Path) -> None:
        """A report with a token in it would be what the report warns of."""
        (tmp_path / "store.db").write_bytes(WEB)
        told = json.dumps(token_search.search([str(tmp_path / "store.db")], (0, 0), 1_000_000))
        assert WEB.decode()[:20] not in told

    @pytest.mark.parametrize("program", [("/bin/false",), ("/bin/echo", "{}"), ("/no/such/program",)])
    def test_that_fails_or_lies_finds_nothing_good(self, tmp_path: Path, program: tuple[str, ...]) -> None:
        """It raises, and its check is unknown."""
        with pytest.raises((OSError, ValueError, subprocess.SubprocessError)):
            TokenSearch(program).look([tmp_path], 1.0)

    def test_that_hangs_ends(self, tmp_path: Path) -> None:
        """One that never comes back is ended in its time."""
        with pytest.raises(subprocess.TimeoutExpired):
            TokenSearch(("/bin/sleep", "60")).look([tmp_path], 0.01)
