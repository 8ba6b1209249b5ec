"""Signed metadata: every way in which a token may be false, and the one in which it is right."""

import base64
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from edge_node.errors import NotSent
from edge_node.sandbox.mint import Addresses
from edge_node.sandbox.pki import SWITCHBOARD
from edge_node.sandbox.pki_authority import root, rsa_key
from edge_node.wire.authorisation_signed import read_by_chain, read_by_keys
from edge_node.wire.revocation_judge import Revocations
from tests.wire.authorisation_doubles import NOW, anchors, mint, pki, signer
from tests.wire.revocations import listed

ADDRESSES = Addresses(issuer="https://as.test/a", broker="https://broker.test")
KIND = "aorta-st+JWT"
DAY_S = 86_400.0


def encoded(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def token(**claims: Any) -> str:
    return mint().stelseltoken(ADDRESSES, **claims)


def with_header(change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """The token with another header over the same signature."""
    header, claims, signature = token().split(".")
    said = json.loads(base64.urlsafe_b64decode(header + "=="))
    return f"{encoded(change(said))}.{claims}.{signature}"


def hmac_with_the_public_key() -> str:
    """The classic: the verifier's public key as the secret of an HMAC."""
    leaf = pki().files("switchboard").chain.read_bytes()
    header = json.loads(base64.urlsafe_b64decode(token().split(".")[0] + "=="))
    registry = type("R", (jws.JWSRegistry,), {"max_header_length": 65536})(algorithms=["HS256"])
    key = OctKey.import_key(base64.b64encode(leaf))
    return jws.serialize_compact({**header, "alg": "HS256"}, b"{}", key, algorithms=["HS256"], registry=registry)


def refusal(written: str, **changes: Any) -> str:
    with pytest.raises(NotSent) as caught:
        read_by_chain(written, signer(**changes), kind=KIND, at=NOW)
    assert caught.value.code == "EN-AUTHORISATION-UNTRUSTED"
    return caught.value.detail


def refusal_at(at: datetime, written: str, **changes: Any) -> str:
    """Why it is refused at another moment, by a judge with the switchboard's grace; empty: it is taken."""
    judge = listed(pki(), NOW)
    graced = Revocations(judge.lists, lambda roles: DAY_S if "zim" in roles else 0.0)
    try:
        read_by_chain(written, signer(revocation=graced, **changes), kind=KIND, at=at)
    except NotSent as refused:
        return refused.detail
    return ""


class TestChain:
    def test_that_is_right_lets_the_claims_count(self) -> None:
        """The token of the switchboard itself."""
        assert read_by_chain(token(), signer(), kind=KIND, at=NOW)["resource_broker_za_in"] == "https://broker.test"

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("", "no JSON Web Token"),
            ("a.b", "no JSON Web Token"),
            ("a.b.c", "no JSON Web Token"),
            ("ë.b.c", "too long, or is no JSON Web Token"),
            ("a" * 70_000, "too long"),
            (f"{encoded([])}.{encoded({})}.AA", "no JSON Web Token"),
            (f"{encoded({'alg': 'RS256'})}.{encoded({})}.AA", "not of type"),
        ],
    )
    def test_cannot_be_of_what_is_no_token(self, written: str, why: str) -> None:
        """Whatever comes, the answer is a refusal, never a crash."""
        assert why in refusal(written)

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda said: {**said, "alg": "none"}, "not signed with RS256"),
            (lambda said: {**said, "alg": "PS256"}, "not signed with RS256"),
            (lambda said: {**said, "alg": "RS512"}, "not signed with RS256"),
            (lambda said: {**said, "typ": "JWT"}, "not of type aorta-st+JWT"),
            (lambda said: {**said, "typ": None}, "not of type aorta-st+JWT"),
            (lambda said: {**said, "crit": ["exp"]}, "asks for what is not known"),
            (lambda said: {**said, "b64": False, "crit": ["b64"]}, "asks for what is not known"),
            (lambda said: {**said, "x5c": []}, "no chain"),
            (lambda said: {**said, "x5c": said["x5c"] * 3}, "no chain"),
            (lambda said: {**said, "x5c": ["AAAA"]}, "cannot be read"),
            (lambda said: {**said, "x5c": [7]}, "cannot be read"),
            (lambda said: {**said, "x5c": said["x5c"][:1]}, "its issuer is not known here"),
            (lambda said: {name: said[name] for name in said if name != "x5c"}, "no chain"),
            (lambda said: {**said, "kid": "other"}, "signature of the token is wrong"),
        ],
    )
    def test_refuses_another_header(self, change: Callable[[dict[str, Any]], dict[str, Any]], why: str) -> None:
        """The header is the attacker's to write; nothing in it may choose how it is judged."""
        assert why in refusal(with_header(change))

    def test_refuses_a_token_without_signature(self) -> None:
        """`alg: none` with an empty third part."""
        header, claims, _ = with_header(lambda said: {**said, "alg": "none"}).split(".")
        assert "not signed with RS256" in refusal(f"{header}.{claims}.")

    def test_refuses_an_hmac_made_with_the_public_key(self) -> None:
        """RS256 confused with HS256 would let everybody sign."""
        assert "not signed with RS256" in refusal(hmac_with_the_public_key())

    def test_refuses_other_claims_under_the_same_signature(self) -> None:
        """One letter of an address is enough."""
        header, _, signature = token().split(".")
        assert "signature of the token is wrong" in refusal(f"{header}.{encoded({'a': 1})}.{signature}")

    @pytest.mark.parametrize("certificate", ["practice", "bad/other-ca", "bad/expired", "bad/other-organisation"])
    def test_refuses_another_signer(self, certificate: str) -> None:
        """Test and production, a foreign root with the same names, an ended certificate, another organisation."""
        files = pki().files(certificate)
        assert files.chain.exists()
        header = {"x5c": [_der(pem) for pem in _pems(files.chain.read_bytes())]}
        assert "the signer" in refusal(with_header(lambda said: {**said, **header}))

    def test_refuses_the_anchors_of_another_environment(self) -> None:
        """A test token must not send production's patients to a test switchboard."""
        other = root("Other Root", "other", rsa_key(), NOW).certificate
        assert "no anchor" in refusal(token(), anchors=(other,)) or "not known" in refusal(token(), anchors=(other,))

    @pytest.mark.parametrize(("roles", "why"), [({"zim"}, ""), (set(), "has ended")])
    def test_of_the_zim_is_borne_as_long_as_the_zim_is(self, roles: set[str], why: str) -> None:
        """A register that is down for a day must not stop FHIR while all else goes on."""
        late = NOW + timedelta(days=2, hours=1)
        made = mint().stelseltoken(ADDRESSES, exp=(late + timedelta(hours=1)).timestamp())
        assert why in refusal_at(late, made, roles=frozenset(roles))

    def test_refuses_an_issuer_that_may_not(self) -> None:
        """Everybody on the network has a certificate under the same root."""
        assert "issuer that is not allowed" in refusal(token(), issuers=("Some Other CA",))

    @pytest.mark.parametrize(
        ("claims", "why"),
        [
            ({"exp": NOW.timestamp() - 61}, "has ended"),
            ({"nbf": NOW.timestamp() + 61}, "has not begun"),
            ({"iat": NOW.timestamp() + 61}, "has not begun"),
            ({"exp": "tomorrow"}, "exp of the token is no moment"),
            ({"nbf": True}, "nbf of the token is no moment"),
            ({"exp": math.nan}, "exp of the token is no moment"),
            ({"exp": 10**400}, "exp of the token is no moment"),
        ],
    )
    def test_counts_in_its_time_only(self, claims: dict[str, Any], why: str) -> None:
        """An old list of addresses may name a party that lost its place."""
        assert why in refusal(token(**claims))

    def test_bears_clocks_that_differ_a_little(self) -> None:
        """A few seconds are no attack."""
        assert read_by_chain(token(exp=NOW.timestamp() - 4), signer(), kind=KIND, at=NOW)

    def test_bears_no_more_than_the_site_allows(self) -> None:
        """However clocks are kept."""
        with pytest.raises(NotSent, match="has ended"):
            read_by_chain(token(exp=NOW.timestamp() - 30), replace(signer(), skew_s=30), kind=KIND, at=NOW)

    def test_is_judged_at_the_time_it_is_used(self) -> None:
        """The signer's certificate ends one day."""
        with pytest.raises(NotSent, match="has ended"):
            read_by_chain(token(), signer(), kind=KIND, at=NOW + timedelta(days=4 * 365))

    def test_asks_for_a_name_of_the_zim_where_no_organisation_is_named(self) -> None:
        """Else whoever has a certificate of that issuer could sign."""
        named = signer(organisation=None, names=frozenset({SWITCHBOARD[1]}))
        assert read_by_chain(token(), named, kind=KIND, at=NOW)
        assert "none of the names" in refusal(token(), organisation=None, names=frozenset({"other.test"}))


class TestKeys:
    SIGNED = mint().metadata(ADDRESSES)["signed_metadata"]

    def refusal(self, keys: dict[str, Any]) -> str:
        with pytest.raises(NotSent) as caught:
            read_by_keys(self.SIGNED, keys, at=NOW, skew_s=60)
        return caught.value.detail

    def test_that_are_right_let_the_claims_count(self) -> None:
        """The metadata of the authorisation server itself."""
        assert read_by_keys(self.SIGNED, mint().keys(), at=NOW, skew_s=60)["issuer"] == ADDRESSES.issuer

    @pytest.mark.parametrize(
        ("keys", "why"),
        [
            ({}, "not in the key set"),
            ({"keys": "x"}, "not in the key set"),
            ({"keys": [None, 1]}, "not in the key set"),
            ({"keys": mint().keys()["keys"] * 2}, "there twice"),
            ({"keys": [{**mint().keys()["keys"][0], "use": "enc"}]}, "not an RSA key for signatures"),
            ({"keys": [{"kid": "sandbox-1", "kty": "oct", "k": "AAAA"}]}, "not an RSA key for signatures"),
            ({"keys": [{"kid": "sandbox-1", "kty": "RSA", "n": "AQAB", "e": 3}]}, "cannot be read"),
            ({"keys": [{"kid": "sandbox-1", "kty": "RSA"}]}, "cannot be read"),
            (mint("switchboard", timedelta(seconds=2)).keys(), "signature of the token is wrong"),
        ],
    )
    def test_that_are_others_are_refused(self, keys: dict[str, Any], why: str) -> None:
        """A key set is data from outside like any other."""
        assert why in self.refusal(keys)

    def test_that_are_short_are_refused(self) -> None:
        """A key of 1024 bits can be broken."""
        short = {
            "kid": "sandbox-1",
            "kty": "RSA",
            "e": "AQAB",
            "n": base64.urlsafe_b64encode(b"\xc5" * 128).decode().rstrip("="),
        }
        assert "at least 2048 bits" in self.refusal({"keys": [short]})


def test_anchors_are_the_roots_of_this_environment() -> None:
    """What the other tests stand on."""
    assert len(anchors()) == 1


def _pems(text: bytes) -> list[bytes]:
    end = b"-----END CERTIFICATE-----\n"
    return [one + end for one in text.split(end) if one]


def _der(pem: bytes) -> str:
    return "".join(pem.decode().splitlines()[1:-1])
