"""Addresses in tokens: believed only of parties that the settings know."""

import pytest
from twisted.internet.task import Clock

from edge_node.errors import NotSent
from edge_node.wire.authorisation_address import (
    PeerWay,
    broker_address,
    claim,
    place,
    way_of,
    well_known,
)
from edge_node.wire.http1_client import Destination, HttpClient
from tests.wire.test_http1_client import Line

CLIENT = HttpClient(Destination(endpoint=Line(), authority="broker.test"), Clock())
WAYS = tuple(
    PeerWay(
        name=name, role=role, host="10.0.0.1", port=port, names=frozenset({"10.0.0.1", name}), base_path="",
        client=CLIENT,
    )
    for name, role, port in (("broker.test", "broker", 443), ("as.test", "authorisation-server", 8443))
)  # fmt: skip


class TestPlace:
    def test_is_of_a_peer_by_one_of_its_names(self) -> None:
        """The settings say where to connect; the token only which way on from there."""
        found = place("https://as.test:8443/a/b/", WAYS, "authorisation-server")
        assert (found.way.name, found.path) == ("as.test", "/a/b")

    @pytest.mark.parametrize(
        "url",
        [
            "https://elsewhere.test:8443/",
            "https://as.test/",  # another port
            "https://broker.test:8443/",  # the port of another party
            "https://AS.test.elsewhere.test:8443/",
        ],
    )
    def test_is_not_of_a_stranger(self, url: str) -> None:
        """A signed token may be stolen or wrong; TLS and the settings have the last word."""
        with pytest.raises(NotSent) as caught:
            place(url, WAYS, "authorisation-server")
        assert caught.value.code == "EN-AUTHORISATION-UNTRUSTED"

    @pytest.mark.parametrize(
        "url",
        [
            None, 7, "", "as.test", "http://as.test:8443/", "https:///a", "https://as.test:x/", "https://as.test:99999/",
            "https://user@as.test:8443/", "https://as.test:8443/a?b", "https://as.test:8443/a#b",
            "https://as.test:8443/../b", "https://as.test:8443/a/./b", "https://as.test:8443//a",
            "https://as.test:8443/a\r\nx: y", "https://as.test:8443/a b", "https://as.test:8443/" + "a" * 3000,
            "https://[as.test:8443/", "file:///etc/passwd",
        ],
    )  # fmt: skip
    def test_is_https_and_plain(self, url: object) -> None:
        """What stands there becomes a request line of ours."""
        with pytest.raises(NotSent) as caught:
            place(url, WAYS, "authorisation-server")
        assert caught.value.code == "EN-AUTHORISATION-ANSWER"

    def test_needs_a_peer_of_that_role(self) -> None:
        """Settings without one are told as such."""
        with pytest.raises(NotSent, match="no peer of role zim"):
            way_of(WAYS, "zim")


class TestWellKnown:
    @pytest.mark.parametrize(
        ("issuer", "path"),
        [
            ("https://as.test:8443", "/.well-known/oauth-authorization-server"),
            ("https://as.test:8443/", "/.well-known/oauth-authorization-server"),
            ("https://as.test:8443/za/v1", "/.well-known/oauth-authorization-server/za/v1"),
        ],
    )
    def test_stands_between_host_and_path(self, issuer: str, path: str) -> None:
        """RFC 8414, 3.1, as AORTA on FHIR cites it."""
        assert well_known(place(issuer, WAYS, "authorisation-server")) == path


class TestBroker:
    @pytest.mark.parametrize(
        ("said", "version", "base_path"),
        [
            ("https://broker.test", "R4", ""),
            ("https://broker.test/za-in", "R4", "/za-in"),
            ("https://broker.test/za-in/fhir", "R4", "/za-in"),
            ("https://broker.test/za-in/fhir/R4", "R4", "/za-in"),
            ("https://broker.test/fhir", "STU3", ""),
            ({"STU3": "https://broker.test/old/fhir", "R4": "https://broker.test/new/fhir/R4"}, "STU3", "/old"),
        ],
    )
    def test_is_where_a_request_of_that_version_goes(self, said: object, version: str, base_path: str) -> None:
        """The address may be written before /fhir or behind it; a request must not get it twice."""
        assert broker_address(said, version, WAYS).base_path == base_path

    def test_has_not_every_version(self) -> None:
        """Said as such, before anything is sent."""
        with pytest.raises(NotSent, match="no broker for FHIR R5"):
            broker_address({"R4": "https://broker.test"}, "R5", WAYS)


class TestClaim:
    @pytest.mark.parametrize(
        ("name", "found"),
        [("a", {"b": 1}), ("a.b", 1), ("a.c", None), ("a.b.c", None), ("x.y", 2), ("z", None)],
    )
    def test_may_stand_deeper(self, name: str, found: object) -> None:
        """How the stelseltoken nests its addresses is not public."""
        assert claim({"a": {"b": 1}, "x.y": 2}, name) == found
