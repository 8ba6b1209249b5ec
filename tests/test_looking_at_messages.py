"""The checks on what TLS agrees on, broken by real handshakes of a process whose floor does not hold."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from OpenSSL import SSL

from edge_node.looking_at_messages import looks
from edge_node.model.check import Outcome, Result
from edge_node.negotiating import Negotiating
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.settings.schema import Settings
from edge_node.wire import trust

from .check_doubles import settings_of
from .look_ground import Site, outcome
from .wire.handshakes import NOW, TLS12, TLS13, Wall, calling, identity, outsider, shake, switchboard

Weaken = Callable[[SSL.Context], None]
_LIB: Any = vars(SSL)["_lib"]


def usual(_: SSL.Context) -> None:
    """As the floor has it."""


def old_version(context: SSL.Context) -> None:
    context.set_min_proto_version(SSL.TLS1_1_VERSION)
    context.set_max_proto_version(SSL.TLS1_1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")


def old_suite(context: SSL.Context) -> None:
    """Forward secrecy, and no more than CBC."""
    context.set_max_proto_version(TLS12)
    context.set_cipher_list(b"ECDHE-RSA-AES256-SHA384:@SECLEVEL=0")


def no_forward_secrecy(context: SSL.Context) -> None:
    context.set_max_proto_version(TLS12)
    context.set_cipher_list(b"AES256-GCM-SHA384:@SECLEVEL=0")


def old_group(context: SSL.Context) -> None:
    """pyOpenSSL itself has no word for it."""
    assert _LIB.SSL_CTX_set1_curves_list(vars(context)["_context"], b"ffdhe3072") == 1


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


class Listener:
    """The listener for the switchboard, and the tally of what is agreed on with it."""

    def __init__(self, settings: Settings, pki: Pki, profile: str = "ncsc-2025") -> None:
        self._settings, self._pki = settings, pki
        self._negotiating = Negotiating(profile, lambda _: None)

    def is_called(self, weaken: Weaken = usual, version: int = TLS13) -> "Listener":
        """Somebody shakes hands with it, where both ends take what `weaken` leaves."""
        around = replace(Wall().surroundings(), negotiated=self._negotiating.heard)
        tls = trust.server_tls((identity(self._pki, "practice"),), (switchboard(self._pki),), around)
        caller = outsider(self._pki, "switchboard", version)
        for context in (vars(tls)["_first"], caller):
            weaken(context)
        line = shake(calling(caller), tls.serverConnectionForTLS(None))
        assert line.errors == {}
        tls.judge(line.server)
        return self

    def judged(self, check: str) -> Outcome:
        at = Site(self._settings, parts={"negotiating": SimpleNamespace(fact=self._negotiating.fact)})
        at.carrying.tally = None  # of another look
        (look,) = (one for one in looks(at) if check in one.rules)  # type: ignore[arg-type]
        return outcome(self._settings, look, check)


@pytest.fixture
def listener(tmp_path: Path, pki: Pki) -> Listener:
    return Listener(settings_of(tmp_path), pki)


class TestAHandshake:
    @pytest.mark.parametrize("check", ["tls-version", "tls-cipher", "tls-group"])
    @pytest.mark.parametrize("version", [TLS12, TLS13])
    def test_within_the_floor_is_good(self, listener: Listener, check: str, version: int) -> None:
        """All that the node takes."""
        assert listener.is_called(version=version).judged(check).result is Result.GOOD

    @pytest.mark.parametrize("check", ["tls-version", "tls-cipher", "tls-group", "tls-peer-sigalg"])
    def test_that_never_was_is_unknown(self, listener: Listener, check: str) -> None:
        """Nobody called: nothing is known of it."""
        assert listener.judged(check).result is Result.UNKNOWN

    @pytest.mark.breaks("tls-version")
    def test_in_an_old_version_turns_its_check(self, listener: Listener) -> None:
        """The floor keeps it out; this looks whether it does."""
        found = listener.is_called(old_version, SSL.TLS1_1_VERSION).judged("tls-version")
        assert (found.result, found.value) == (Result.VIOLATED, "zim: TLSv1.1 (insufficient)")

    @pytest.mark.breaks("tls-cipher")
    @pytest.mark.parametrize(
        ("weaken", "result"), [(old_suite, Result.WARNED), (no_forward_secrecy, Result.VIOLATED)]
    )
    def test_with_an_old_suite_turns_its_check(self, listener: Listener, weaken: Weaken, result: Result) -> None:
        """What is to be phased out is told of, what is insufficient is violated."""
        assert listener.is_called(weaken, TLS12).judged("tls-cipher").result is result

    @pytest.mark.breaks("tls-group")
    def test_with_an_old_group_turns_its_check(self, listener: Listener) -> None:
        """Finite fields are to be phased out."""
        found = listener.is_called(old_group).judged("tls-group")
        assert (found.result, found.value) == (Result.WARNED, "zim: ffdhe3072 (phase-out)")

    @pytest.mark.breaks("tls-peer-sigalg")
    def test_with_a_small_key_turns_its_check(self, listener: Listener) -> None:
        """As the first generation of certificates has them, until it ends."""
        assert listener.is_called().judged("tls-peer-sigalg").value == "zim: RSA-2048 (phase-out)"
