"""Where settings may say a private key lies, and what a check sees of it."""

from pathlib import Path

import pytest

from edge_node.choosing import lent_keys
from edge_node.errors import SettingsInvalid
from edge_node.settings.check import Checked, Machine, check
from edge_node.settings.load import load, load_with_places

from .written import SMALL, changed, write

WITH_WORD = changed(
    "key: credential:practice-key\n", "key: credential:practice-key\n    key_passphrase: secrets/word.txt\n"
)


def checked(site: Path, text: str) -> Checked:
    machine = Machine(credentials=None, uid=998)
    return check(load_with_places([write(site, text)]), machine, lambda _settings, _where: ())


class TestReferences:
    @pytest.mark.parametrize("key", ["sealed:practice.1", "credential:practice-key", "./practice.key"])
    def test_of_three_kinds_are_taken(self, tmp_path: Path, key: str) -> None:
        """Made by the node, lent by systemd, or a file."""
        settings = load([write(tmp_path, changed("credential:practice-key", key))])
        assert settings.identities[0].key.endswith(key.removeprefix("./"))

    @pytest.mark.parametrize("key", ["sealed:", "sealed:../x", "sealed:a b", "sealed:a/b"])
    def test_to_a_sealed_key_need_a_name(self, tmp_path: Path, key: str) -> None:
        """A name never leads out of the folder of keys."""
        with pytest.raises(SettingsInvalid, match="is no name of a sealed key"):
            load([write(tmp_path, changed("credential:practice-key", f'"{key}"'))])

    def test_are_sealed_for_keys_only(self, tmp_path: Path) -> None:
        """A certificate is no secret."""
        with pytest.raises(SettingsInvalid):
            load([write(tmp_path, changed("certs/practice.pem", "sealed:practice"))])


class TestCheck:
    def test_says_that_a_sealed_key_is_not_seen(self, tmp_path: Path) -> None:
        """Neither good nor wrong: only the service opens it."""
        seen = checked(tmp_path, changed("credential:practice-key", "sealed:practice.1"))
        assert any("identities[0].key: cannot be seen from here" in note for note in seen.not_seen)

    def test_looks_at_the_file_of_a_passphrase(self, tmp_path: Path) -> None:
        """As at the file of a key: who may read it."""
        (tmp_path / "secrets").mkdir()
        word = tmp_path / "secrets" / "word.txt"
        word.write_text("vier woorden")
        word.chmod(0o644)
        assert any("key_passphrase" in one for one in checked(tmp_path, WITH_WORD).complaints)


class TestLentKeys:
    def test_are_named_at_a_reload(self, tmp_path: Path) -> None:
        """Who replaced one and reloads must read that it still is the old one."""
        assert lent_keys(load([write(tmp_path, SMALL)])) == ["identities.practice.key"]

    def test_are_none_where_files_hold_them(self, tmp_path: Path) -> None:
        """A file is read again."""
        assert lent_keys(load([write(tmp_path, changed("credential:practice-key", "./practice.key"))])) == []
