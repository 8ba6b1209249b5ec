"""From settings files to `Settings`, or every complaint at once."""

from pathlib import Path

import pytest

from edge_node.errors import SettingsInvalid
from edge_node.settings.load import load, load_with_places
from tests.settings.written import SMALL, changed, complaints, write


class TestLoad:
    def test_fills_in_the_defaults(self, tmp_path: Path) -> None:
        """A practice writes a page; the rest is as designed."""
        settings = load([write(tmp_path, SMALL)])
        assert settings.switchboard.waits.push_wait_s == 20
        assert settings.local.max_body_bytes == 10 * 1024 * 1024
        assert settings.identities[0].applications[0].interactions is None

    def test_paths_are_relative_to_the_file_they_stand_in(self, tmp_path: Path) -> None:
        """The network's base may lie elsewhere than the site's own file."""
        base = write(tmp_path / "base", "version: 1\nnode: {state_dir: kept}\n", "base.yaml")
        site = write(tmp_path / "site", changed("  state_dir: state\n", ""))
        settings = load([base, site])
        assert settings.node.state_dir == tmp_path / "base" / "kept"
        assert settings.identities[0].certificate == str(tmp_path / "site" / "certs" / "practice.pem")
        assert settings.identities[0].key == "credential:practice-key"

    def test_layers_merge_mappings_and_replace_lists(self, tmp_path: Path) -> None:
        """A site changes one wait and keeps the network's others."""
        waits = "  waits: {push_wait_s: 10, query_out_s: 40}\n"
        site = write(tmp_path, SMALL + waits)
        last = write(tmp_path, "version: 1\nswitchboard: {waits: {query_out_s: 50}}\n", "last.yaml")
        settings = load([site, last])
        assert settings.switchboard.waits.push_wait_s == 10
        assert settings.switchboard.waits.query_out_s == 50
        assert len(settings.switchboard.peers) == 1

    def test_a_complaint_points_into_the_layer_at_fault(self, tmp_path: Path) -> None:
        """The network's file is not the site's to change."""
        site = write(tmp_path, SMALL)
        last = write(tmp_path, "version: 1\nswitchboard:\n  waits:\n    push_wait_s: 31\n", "last.yaml")
        first, *_ = complaints(site, last)
        assert first.startswith("last.yaml:4:18: switchboard.waits.push_wait_s: is 31; it must be below")

    def test_tells_everything_at_once(self, tmp_path: Path) -> None:
        """One run of check, one visit to the file."""
        text = changed("  id: gp-1\n", "  id: gp-1\n  envronment: test\n").replace("version: 1", "version: 2")
        text = text.replace('"00001001"', "00001001").replace("local_system: his", "local_system: ais")
        assert complaints(write(tmp_path, text)) == [
            "site.yaml:1:10: version: must be one of 1",
            "site.yaml:4:3: node.envronment: is not known; did you mean environment?",
            "site.yaml:10:10: identities[0].ura: a number with a leading zero is octal to some YAML readers "
            "and loses the zero; put it in quotes",
        ]

    def test_tells_of_the_rules_between_settings_although_a_key_is_unknown(self, tmp_path: Path) -> None:
        """A misspelt key does not hide that a wait is too long."""
        text = changed("  id: gp-1\n", "  id: gp-1\n  nmae: x\n") + "  waits: {query_out_s: 80}\n"
        found = complaints(write(tmp_path, text))
        assert [complaint.split(": ")[1] for complaint in found] == ["node.nmae", "switchboard.waits.query_out_s"]

    @pytest.mark.parametrize(
        ("old", "new", "complaint"),
        [
            ("version: 1\n", "", "site.yaml:1:1: version: is required"),
            ("    fqdn: gp-1.example\n", "", "site.yaml:8:5: identities[0].fqdn: is required"),
            ('id: "90001001"', "id: 90001001", "identities[0].applications[0].id: must be a text; put it in quotes"),
            ('"00001001"', '"1001"', "identities[0].ura: a URA has eight digits"),
            ("port: 0", 'port: "80"', "local.listeners[0].port: must be a whole number, without quotes"),
            ("port: 0", "port: 70000", "local.listeners[0].port: must be at most 65535"),
            ("[Example CA]", "Example CA", "switchboard.peers[0].issuers: must be a list; put - before each value"),
            ("[Example CA]", "[]", "switchboard.peers[0].issuers: must not be empty"),
            ("host: 127.0.0.1", "host: 10.0.0.1", "local.listeners[0]: listens beyond loopback without tls"),
            ("    - {host: 127.0.0.1, port: 0}", "    - {port: 0}", "local.listeners[0]: needs both host and port"),
            ("      bearer_token_files: [secrets/his.token]\n", "", "local.systems[0]: has no credential"),
            ("role: zim", "role: lsp", "switchboard.peers[0].role: must be one of 'zim', 'broker'"),
            ("name: practice", "name: The Practice", "identities[0].name: must be lower-case letters, digits and -"),
            ("{host: 127.0.0.1, port: 0}", "{unix_path: x, mode: rw}", "must be an octal mode in quotes"),
            ("name: HIS\n", "name: HIS\n        interactions: []\n", "interactions: must not be empty"),
            ("http://127", "http://user:pw@127", "holds a user or password"),
            ("127.0.0.1:8090", "127.0.0.1:99999", "soap_base: has a port that is not from 1 to 65535"),
            ("127.0.0.1:8090", "127.0.0.1:0", "soap_base: has a port that is not from 1 to 65535"),
            ("127.0.0.1:8090", "127.0.0.1:http", "soap_base: has a port that is not from 1 to 65535"),
            ("http://127.0.0.1:8090/aorta", '"http://[::1:8090/aorta"', "soap_base: is no address of the form"),
            ("127.0.0.1:8090", "his_server:8090", "soap_base: names no host: letters, digits, - and dots"),
            ("8090/aorta", "8090/aor ta", "soap_base: has a character that no address may hold"),
            ("8090/aorta", "8090/praktijk-é", "soap_base: has a character that no address may hold"),
            ("8090/aorta", "8090/aorta%2", "soap_base: has a character that no address may hold"),
        ],
    )
    def test_says_what_to_write(self, tmp_path: Path, old: str, new: str, complaint: str) -> None:
        """The reader is a technician at a practice, not the author of the schema."""
        (found,) = complaints(write(tmp_path, changed(old, new)))
        assert complaint in found

    @pytest.mark.parametrize(
        "address", ["http://[::1]:8090/aorta", "http://LOCALHOST/a%20b", "http://127.0.0.1:65535"]
    )
    def test_takes_every_address_that_can_be_called(self, tmp_path: Path, address: str) -> None:
        """However a vendor writes it."""
        load([write(tmp_path, changed("http://127.0.0.1:8090/aorta", address))])

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("[secrets/his.token]", "[c2VjcmV0LXZhbHVl]", "looks like the secret itself"),
            ("credential:practice-key", '"-----BEGIN PRIVATE KEY-----"', "holds the secret or the PEM text itself"),
            ("    - name: his\n", "    - name: his\n      password: c2VjcmV0LXZhbHVl\n", "never written in settings"),
            ("credential:practice-key", "credential:../x", "is no name of a systemd credential"),
        ],
    )
    def test_refuses_a_secret_written_as_a_value(self, tmp_path: Path, old: str, new: str, reason: str) -> None:
        """Settings are mailed, printed and kept in version control; the complaint does not repeat the secret."""
        (found,) = complaints(write(tmp_path, changed(old, new)))
        assert reason in found
        assert "c2VjcmV0LXZhbHVl" not in found

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (None, "site.yaml:1:1: file: cannot be read: No such file or directory"),
            (b"\xff\xfe", "site.yaml:1:1: file: is not UTF-8"),
            (b"- a\n", "site.yaml:1:1: settings: must be a mapping of keys to values"),
            (b"#" * (1 << 21), "site.yaml:1:1: file: is larger than 1 MiB"),
        ],
    )
    def test_refuses_a_file_that_is_none(self, tmp_path: Path, content: bytes | None, complaint: str) -> None:
        """Each with its name, so that a mistyped --config is seen at once."""
        path = tmp_path / "site.yaml"
        path.write_bytes(content) if content is not None else None
        assert complaints(path) == [complaint]

    def test_needs_a_file(self) -> None:
        """No settings is no default site."""
        with pytest.raises(SettingsInvalid, match="no file was given"):
            load([])


class TestHash:
    def test_is_the_same_however_it_was_written(self, tmp_path: Path) -> None:
        """A network sees which sites run which choices, not how they were typed."""
        one = write(tmp_path, SMALL)
        other = write(tmp_path, "# a comment\n" + SMALL.replace("  id: gp-1\n", "") + "  waits: {push_wait_s: 20}\n")
        last = write(tmp_path, "version: 1\nnode: {id: gp-1}\n", "last.yaml")
        one_hash = load([write(tmp_path, SMALL, "one.yaml")]).hash
        assert one == other
        assert load([other, last]).hash == one_hash

    def test_changes_with_a_choice(self, tmp_path: Path) -> None:
        """A difference between two sites shows."""
        one = load([write(tmp_path, SMALL)])
        other = load([write(tmp_path, SMALL + "  waits: {push_wait_s: 19}\n")])
        assert one.hash != other.hash


class TestLoaded:
    def test_remembers_where_each_setting_stands(self, tmp_path: Path) -> None:
        """What is wrong on the machine is told with the line that names it."""
        path = write(tmp_path, SMALL)
        told = load_with_places([path]).at(("identities", 0, "certificate"), "is gone")
        assert told == f"{path}:12:18: identities[0].certificate: is gone"
