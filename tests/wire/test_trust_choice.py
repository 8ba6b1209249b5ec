"""Which certificate is shown: the newest that is good, never one the switchboard refuses while another is."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_choice import Choice, Pair, Place, Source, choose
from edge_node.wire.trust_identity import OwnIdentity

NOW = datetime(2027, 3, 10, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def own(name: str, began_days: int, ends_days: int) -> OwnIdentity:
    """An identity whose certificate began and ends so many days from now."""
    certificate = PeerCertificate(
        serial="1",
        subject=f"CN={name}",
        organisation=None,
        issuer="CN=CA",
        issuer_common_name="CA",
        dns_names=("gp.example",),
        not_before=NOW + timedelta(days=began_days),
        not_after=NOW + timedelta(days=ends_days),
        extended_key_usage=frozenset(),
        fingerprint=name,
    )
    return OwnIdentity(name="practice", chain=(), key=KEY, fqdn="gp.example", ura=None, certificate=certificate)


def pair(source: Source, held: OwnIdentity | None, installed_days: int | None = None) -> Pair:
    at = None if installed_days is None else NOW + timedelta(days=installed_days)
    name = held.certificate.fingerprint if held else "broken"
    return Pair(source=source, certificate=f"/{name}.pem", key="sealed:k", own=held, installed_at=at)


SETTINGS = pair(Source.SETTINGS, own("settings", -800, 30))
INSTALLED = pair(Source.INSTALLED, own("installed", -20, 1000), -10)
PREVIOUS = pair(Source.PREVIOUS, own("previous", -400, 300), -390)
BROKEN = pair(Source.INSTALLED, None, -10)
BOTH = (SETTINGS, INSTALLED)


def shown(choice: Choice) -> str:
    assert choice.in_use is not None
    return choice.in_use.fingerprint


def places(choice: Choice) -> dict[str, Place]:
    return {one.certificate: place for one, place in choice.pairs}


class TestWhichIsShown:
    @pytest.mark.parametrize(
        ("pairs", "name"),
        [
            ((SETTINGS,), "settings"),
            (BOTH, "installed"),
            ((SETTINGS, PREVIOUS, INSTALLED), "installed"),
            ((SETTINGS, PREVIOUS, BROKEN), "previous"),
            ((SETTINGS, BROKEN), "settings"),
        ],
    )
    def test_is_the_one_installed_last_that_can_be_read(self, pairs: tuple[Pair, ...], name: str) -> None:
        """Nobody has to edit the settings for a renewal, and a file lost to it costs nothing."""
        assert shown(choose("practice", pairs, NOW)) == name

    def test_is_the_one_of_the_settings_where_it_began_after_the_installation(self) -> None:
        """Then a person put it there since, and means it."""
        later = pair(Source.SETTINGS, own("by-hand", -2, 1000))
        assert shown(choose("practice", (later, INSTALLED), NOW)) == "by-hand"

    @pytest.mark.parametrize(("began", "ends"), [(3, 1000), (-900, -1)])
    def test_is_never_one_out_of_its_time_while_another_is_good(self, began: int, ends: int) -> None:
        """A certificate installed a day early, or one that ended in a holiday, stops nobody."""
        early = pair(Source.INSTALLED, own("early", began, ends), -1)
        choice = choose("practice", (SETTINGS, early), NOW)
        assert (shown(choice), places(choice)["/early.pem"]) == ("settings", Place.ENDED)

    def test_is_the_first_where_none_is_good(self) -> None:
        """The complaint is then of the one that people meant."""
        ended = pair(Source.SETTINGS, own("ended", -900, -1))
        assert shown(choose("practice", (ended, BROKEN), NOW)) == "ended"

    def test_is_none_where_none_can_be_read(self) -> None:
        """Then the node says so, and shows nothing."""
        assert choose("practice", (BROKEN,), NOW).in_use is None


class TestFallingBack:
    def test_shows_the_older_one_while_the_new_one_is_refused(self) -> None:
        """A practice must not go dark because the switch does not know the new CA yet."""
        choice = choose("practice", BOTH, NOW, frozenset({"installed"}))
        assert (shown(choice), choice.fell_back) == ("settings", True)
        assert places(choice) == {"/installed.pem": Place.REFUSED, "/settings.pem": Place.IN_USE}

    def test_is_over_when_the_new_one_is_taken(self) -> None:
        """It goes back by itself."""
        choice = choose("practice", BOTH, NOW)
        assert (choice.fell_back, places(choice)["/settings.pem"]) == (False, Place.KEPT)

    def test_needs_one_that_has_not_ended(self) -> None:
        """An ended one would be refused as well, for certain."""
        ended = pair(Source.SETTINGS, own("ended", -900, -1))
        choice = choose("practice", (ended, INSTALLED), NOW, frozenset({"installed"}))
        assert (shown(choice), choice.fell_back) == ("installed", False)

    def test_shows_the_first_where_all_are_refused(self) -> None:
        """The fault is then somewhere else; turning round in circles helps nobody."""
        choice = choose("practice", BOTH, NOW, frozenset({"installed", "settings"}))
        assert (shown(choice), choice.fell_back) == ("installed", False)


class TestTheList:
    def test_names_each_certificate_once(self) -> None:
        """What was installed first is often what the settings name as well."""
        same = pair(Source.PREVIOUS, SETTINGS.own, -390)
        choice = choose("practice", (SETTINGS, INSTALLED, same), NOW)
        assert [one.source for one, _ in choice.pairs] == [Source.INSTALLED, Source.PREVIOUS]

    def test_names_one_that_cannot_be_used(self) -> None:
        """Somebody has to put it right before it is needed."""
        choice = choose("practice", (SETTINGS, BROKEN), NOW)
        assert places(choice)["/broken.pem"] is Place.UNUSABLE

    def test_names_one_that_waits(self) -> None:
        """What stands in the settings and is newer than what was installed before it, yet not since."""
        newer = pair(Source.SETTINGS, own("newer", -15, 1000))
        choice = choose("practice", (newer, INSTALLED), NOW)
        assert places(choice)["/newer.pem"] is Place.WAITING
