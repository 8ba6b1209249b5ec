"""What a listener shows after new settings."""

from typing import Any

from edge_node.listening import live_local_tls

PLACE, OTHER = ("192.0.2.1", 8443), ("192.0.2.1", 9443)


class Tls:
    """The TLS of one listener; its connections say whose they are."""

    def __init__(self, name: str) -> None:
        self._name = name

    def serverConnectionForTLS(self, _protocol: object) -> Any:
        return self._name


class Settings:
    """One version of the settings, as far as it is asked."""

    def __init__(self, **tls: Tls) -> None:
        self.local_tls = {PLACE if name == "here" else OTHER: each for name, each in tls.items()}


class TestLocalTls:
    def shown(self, before: Settings, after: Settings) -> Any:
        present = [before]
        tls = live_local_tls(lambda: present[-1], PLACE)  # type: ignore[arg-type, return-value]
        present.append(after)
        return tls.serverConnectionForTLS(object())

    def test_a_new_certificate_is_shown(self) -> None:
        """It is renewed without closing the door."""
        assert self.shown(Settings(here=Tls("old")), Settings(here=Tls("new"))) == "new"

    def test_another_listener_put_before_it_changes_nothing(self) -> None:
        """Only a restart opens it; until then nobody may be asked for the certificates of its callers here."""
        assert self.shown(Settings(here=Tls("old")), Settings(other=Tls("other"), here=Tls("new"))) == "new"

    def test_a_listener_that_left_the_settings_keeps_what_it_had(self) -> None:
        """It serves until the restart that closes it."""
        assert self.shown(Settings(here=Tls("old")), Settings(other=Tls("other"))) == "old"
