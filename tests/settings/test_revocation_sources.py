"""Where lists may come from, as a site writes it."""

from typing import Any

import pytest
from pydantic import ValidationError

from edge_node.settings.revocation import RevocationSettings


def complaint(**written: Any) -> str:
    """Return what is said of a wrong choice."""
    with pytest.raises(ValidationError) as refused:
        RevocationSettings(**written)
    return str(refused.value.errors()[0]["msg"])


class TestAnAddress:
    @pytest.mark.parametrize("key", ["mirror", "proxy"])
    def test_is_plain_http(self, key: str) -> None:
        """A list is signed itself; TLS on the way to it would need a list first."""
        assert complaint(**{key: "https://crl.example"}).startswith(
            "Value error, must be http://host:port/path, not https"
        )

    @pytest.mark.parametrize("written", ["crl.example/lists", "ftp://crl.example"])
    def test_is_never_told_to_be_https(self, written: str) -> None:
        """Whoever follows the first advice must not get the second one."""
        assert "or https" not in complaint(mirror=written)

    def test_of_one_list_is_plain_http_too(self) -> None:
        """Said before the first fetch, not by it."""
        assert "http://" in complaint(sources={"Some CA": "ftp://crl.example/a.crl"})

    def test_of_a_proxy_has_no_path(self) -> None:
        """Nothing would be done with it."""
        assert "without a path" in complaint(proxy="http://proxy.example:3128/squid")

    def test_holds_no_password(self) -> None:
        """Secrets are never written in settings."""
        assert "password" in complaint(proxy="http://user:word@proxy.example:3128")

    def test_of_a_mirror_may_have_a_path(self) -> None:
        """It is often one folder of a server."""
        assert RevocationSettings(mirror="http://mirror.example/crl/").mirror == "http://mirror.example/crl"


class TestOcsp:
    def test_is_preferred_or_left_out(self) -> None:
        """There is no word that leaves the lists out."""
        assert "'prefer' or 'lists-only'" in complaint(ocsp={"use": "off"})
