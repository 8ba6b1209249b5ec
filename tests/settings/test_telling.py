"""How local systems are told, as an operator writes it: what fits together, and the secrets behind it."""

import base64
from pathlib import Path

import pytest

from edge_node.errors import SettingsInvalid
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.settings.telling import files_to_tell, gather_telling, read_webhook_secret

from .written import SMALL, write

WEBHOOK = """
        told_by: [webhook]
        webhook:
          url: http://127.0.0.1:9000/news
          secret_files: [secrets/hook]"""
MAILED = """
        told_by: [mail]
        mail_to: [practice@example.org]"""
SERVER = """
alerts:
  mail:
    host: mail.example
    sender: node@example.org
    anchors: certs/mail.pem
    user: node
    password_file: secrets/mail
"""
LOOPBACK_SERVER = """
alerts:
  mail: {host: 127.0.0.1, port: 25, tls: none, sender: node@example.org}
"""


def loaded(folder: Path, application: str = "", rest: str = "") -> Settings:
    """The small settings, with something more for the application and at the end."""
    text = SMALL.replace("local_system: his", f"local_system: his{application}") + rest
    return load([write(folder, text)])


MONITOR = """
alerts:
  webhook: {url: "http://127.0.0.1:9000/alerts", secret_files: [secrets/monitor]}
"""


class TestRules:
    @pytest.mark.parametrize(
        ("application", "rest", "complaint"),
        [
            ("\n        told_by: [webhook]", "", "has webhook without the settings of webhook"),
            (WEBHOOK.replace("[webhook]", "[status]"), "", "or the other way round"),
            (WEBHOOK.replace("http://127.0.0.1", "http://his.example"), "", "goes beyond loopback without TLS"),
            (WEBHOOK.replace("http:", "https:"), "", "needs anchors"),
            (MAILED, "", "alerts.mail names no mail server"),
            ("\n        told_by: [mail]", SERVER, "mail_to names nobody"),
            (MAILED.replace("[mail]", "[status]"), SERVER, "makes no sense while told_by has no mail"),
            (MAILED.replace("practice@", "practice@@"), SERVER, "is no mail address"),
            (MAILED.replace("practice@", "prac..tice@"), SERVER, "is no mail address"),
            (MAILED.replace("practice@", "practice@."), SERVER, "is no mail address"),
            ("", SERVER.replace("anchors", "user2"), "user2"),
            ("", SERVER.replace("    anchors: certs/mail.pem\n", ""), "needs anchors"),
            ("", LOOPBACK_SERVER.replace("127.0.0.1", "mail.example"), "goes beyond loopback without TLS"),
            ("", SERVER.replace("    password_file: secrets/mail\n", ""), "needs both user and password_file"),
            ("", MONITOR.replace("127.0.0.1", "monitor.example"), "goes beyond loopback without TLS"),
            ("", MONITOR.replace("http:", "https:"), "needs anchors"),
            ("", "\nalerts: {steady_s: 100.0, steady_most_s: 50.0}\n", "steady_s is longer"),
            ("", '\nalerts: {quiet_hours: {begin: "24:00"}}\n', "must be a time of the day"),
            ("", "\nalerts: {late_acute_s: 100.0, late_s: 50.0}\n", "late_acute_s is longer"),
            ("", "\nalerts: {retry: {first_pause_s: 9.0, longest_pause_s: 5.0}}\n", "first_pause_s is longer"),
        ],
    )
    def test_complains_of_what_would_tell_nobody(
        self, tmp_path: Path, application: str, rest: str, complaint: str
    ) -> None:
        """“Kept” promises that somebody hears how it ended, so a way of telling that leads nowhere is refused."""
        with pytest.raises(SettingsInvalid, match=complaint):
            loaded(tmp_path, application, rest)

    @pytest.mark.parametrize(
        ("application", "rest"),
        [
            (WEBHOOK, ""),
            (MAILED, SERVER),
            (MAILED, LOOPBACK_SERVER),
            ("\n        told_by: [inbox]", ""),
            ("", SERVER.replace("mail.example", "192.0.2.7")),
        ],
    )
    def test_takes_each_way_by_itself(self, tmp_path: Path, application: str, rest: str) -> None:
        """A site tells in the way its systems can hear."""
        assert loaded(tmp_path, application, rest)


class TestSecrets:
    def test_reads_them_from_the_files_named(self, tmp_path: Path) -> None:
        """A secret is never written in settings."""
        key = b"k" * 32
        settings = loaded(tmp_path, WEBHOOK, SERVER)
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "hook").write_text(f"whsec_{base64.b64encode(key).decode()}\n")
        (tmp_path / "secrets" / "mail").write_text("mail password\n")
        found, wrong = gather_telling(settings, None)
        assert (found.webhooks, found.mail_password, wrong) == ({"90001001": (key,)}, "mail password", ())

    def test_tells_each_file_that_is_not_there(self, tmp_path: Path) -> None:
        """`edge-node check` names all of them at once."""
        _, wrong = gather_telling(loaded(tmp_path, WEBHOOK, SERVER), None)
        assert [steps[-1] for steps, _ in wrong] == [0, "password_file"]

    def test_names_the_anchors_too(self, tmp_path: Path) -> None:
        """Their mode and content are checked like those of any other anchor."""
        named = [file for file in files_to_tell(loaded(tmp_path, "", SERVER)) if not file.is_secret]
        assert [file.steps for file in named] == [("alerts", "mail", "anchors")]

    @pytest.mark.parametrize("text", ["short", "whsec_!!!", f"whsec_{base64.b64encode(b'k' * 8).decode()}"])
    def test_refuses_what_can_be_guessed(self, text: str) -> None:
        """Whoever guesses it can tell the HIS that a message arrived."""
        with pytest.raises(ValueError, match=r"secret|base64"):
            read_webhook_secret(text)

    def test_takes_plain_characters(self) -> None:
        """Not every HIS knows the form of the webhook libraries."""
        assert read_webhook_secret("x" * 32) == b"x" * 32

    def test_never_shows_them(self, tmp_path: Path) -> None:
        """A traceback is read by many."""
        assert "secret" not in repr(gather_telling(loaded(tmp_path), None)[0])

    def test_that_of_the_monitor_is_no_applications(self, tmp_path: Path) -> None:
        """An alert is signed for who looks after the site, an event for one local system."""
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "monitor").write_text("x" * 32)
        found, wrong = gather_telling(loaded(tmp_path, "", MONITOR), None)
        assert (found.alerts, found.webhooks, wrong) == ((b"x" * 32,), {}, ())
