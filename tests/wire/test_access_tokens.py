"""Access tokens: proven against the keys of the authorisation server, proven false, or not known."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey
from twisted.internet.task import Clock

from edge_node.errors import NotSent
from edge_node.model.finding import Finding, Severity
from edge_node.sandbox.mint import Addresses, Grant, Mint
from edge_node.wire.access_tokens import (
    AccessTokenJudge,
    AccessTokenRules,
    ServerSaid,
    ServerWords,
    wrong_with,
)
from tests.wire.authorisation_doubles import HIS, NOW, mint, pki

ISSUER = "https://as.test/as"
RULES = AccessTokenRules()
GRANT = Grant(patient="999900006", application="80000003", scope="search:Patient:1.0:request")


def said(by: Mint | None = None) -> ServerSaid:
    server = by or mint()
    addresses = Addresses(issuer=ISSUER, broker="https://broker.test")
    return ServerSaid(metadata=server.metadata(addresses), keys=server.keys())


def token(**claims: Any) -> str:
    """One of the server's, with other claims; None leaves one out."""
    usual = {**mint()._claims(20), "iss": ISSUER, "aud": "us"} | claims.pop("claims", {})
    header = {"typ": "aorta-at+JWT", "kid": "sandbox-1"} | claims
    given = {name: value for name, value in usual.items() if value is not None}
    return mint()._signed(header, given, mint()._server)


def another() -> Mint:
    """A server with other keys under the same name."""
    files = pki().files("switchboard")
    return Mint(files.chain, files.key, now=lambda: NOW, chance=secrets.token_hex)


def hmac_token() -> str:
    """Signed with what everybody can read: the oldest trick with a key set."""
    key = OctKey.import_key(json.dumps(said().keys))
    header, claims = {"alg": "HS256", "typ": "aorta-at+JWT", "kid": "sandbox-1"}, {"iss": ISSUER, "exp": 2**33}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["HS256"])


def unsigned() -> str:
    head, body, _ = token().split(".")
    return f"{head}.{body}."


BAD = {
    "signed by another key": lambda: another().access_token(ISSUER, GRANT),
    "not signed": unsigned,
    "signed with HMAC": hmac_token,
    "of a key that is not in the set": lambda: token(kid="another"),
    "of another type": lambda: token(typ="JWT"),
    "a stelseltoken": lambda: mint().stelseltoken(Addresses(issuer=ISSUER, broker="x"), iss=ISSUER),
    "without an end": lambda: token(claims={"exp": None}),
    "that ended": lambda: token(claims={"exp": int(NOW.timestamp()) - 6}),
    "that has not begun": lambda: token(claims={"nbf": int(NOW.timestamp()) + 61}),
    "without an issuer": lambda: token(claims={"iss": None}),
    "of another issuer": lambda: token(claims={"iss": "https://other.test"}),
    "that is no token": lambda: "a.b.c",
}


class TestATokenOfTheServer:
    def test_is_proven(self) -> None:
        """Most are."""
        assert wrong_with(mint().access_token(ISSUER, GRANT), said(), RULES, NOW) is None

    def test_may_be_a_little_older_than_our_clock_has_it(self) -> None:
        """Two clocks differ, and such a token lives for twenty seconds."""
        assert wrong_with(token(claims={"exp": int(NOW.timestamp()) - 4}), said(), RULES, NOW) is None

    @pytest.mark.parametrize("case", BAD)
    def test_is_proven_false(self, case: str) -> None:
        """Whoever made it, the server did not, or not for now."""
        found = wrong_with(BAD[case](), said(), RULES, NOW)
        assert found is not None
        assert (found.code, found.severity) == ("EN-ACCESS-TOKEN", Severity.BLOCK)

    @pytest.mark.parametrize(("audience", "is_good"), [("us", True), (["them", "us"], True), ("them", False)])
    def test_is_for_us_where_the_site_says_who_we_are(self, audience: Any, is_good: bool) -> None:
        """How the network names us is not public, so a site that knows it says it."""
        rules = replace(RULES, audiences=("us",))
        assert (wrong_with(token(claims={"aud": audience}), said(), rules, NOW) is None) == is_good


class Words:
    """What the server says, each time the next; an exception is raised."""

    def __init__(self, *said: ServerSaid | Exception) -> None:
        self.said = list(said)
        self.asked: list[str] = []

    async def get(self, *_: Any) -> ServerSaid:
        return self._next("get")

    async def anew(self, *_: Any) -> ServerSaid:
        return self._next("anew")

    def _next(self, how: str) -> ServerSaid:
        self.asked.append(how)
        now = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(now, Exception):
            raise now
        return now


class Bench:
    def __init__(self, *words: ServerSaid | Exception) -> None:
        self.clock, self.words = Clock(), Words(*words)
        parts = ServerWords(get=self.words.get, anew=self.words.anew)
        self.judge = AccessTokenJudge(parts, self.clock, lambda: NOW + timedelta(seconds=self.clock.seconds()))

    def judged(self, token: str, rules: AccessTokenRules = RULES) -> Finding | None:
        work = self.judge.judge(HIS, token, rules, retry_s=60)
        try:
            work.send(None)
        except StopIteration as end:
            found: Finding | None = end.value
            return found
        raise AssertionError("nothing here waits")


DOWN = NotSent("no answer in time", code="EN-AUTHORISATION-UNREACHABLE")


class TestKeysThatDoNotCome:
    def test_leave_a_token_unknown_and_never_false(self) -> None:
        """A patient is not left without an answer for a server that is down."""
        found = Bench(DOWN).judged(token())
        assert found is not None
        assert (found.code, found.severity) == ("EN-ACCESS-UNKNOWN", Severity.WARN)

    def test_are_reason_to_refuse_where_the_site_says_so(self) -> None:
        """Whoever knows that all tokens are of one server may ask for proof of each."""
        found = Bench(DOWN).judged(token(), replace(RULES, blocks_unknown=True))
        assert found is not None
        assert (found.code, found.severity) == ("EN-ACCESS-UNKNOWN", Severity.BLOCK)

    def test_are_not_waited_for_by_each_request(self) -> None:
        """An hour of outage must not cost each question two seconds."""
        bench = Bench(DOWN)
        found = [bench.judged(token()) for _ in range(5)]
        assert {one.code for one in found if one} == {"EN-ACCESS-UNKNOWN"}
        assert bench.words.asked == ["get"]

    def test_are_asked_for_again_and_then_count(self) -> None:
        """It mends by itself, and the status says so."""
        bench = Bench(DOWN, said())
        bench.judged(token())
        assert bench.judge.missing is not None
        bench.clock.advance(60)
        assert bench.judged(token(claims={"exp": 2**33})) is None
        assert bench.judge.missing is None


class TestAKeyThatIsNotThere:
    def test_is_asked_for_once(self) -> None:
        """The server has new keys: the old ones need not have ended yet."""
        other = another()
        bench = Bench(replace(said(other), keys={"keys": []}), said(other))
        assert bench.judged(other.access_token(ISSUER, GRANT)) is None
        assert bench.words.asked == ["get", "anew"]

    def test_is_not_asked_for_at_the_whim_of_who_names_one(self) -> None:
        """A flood of invented names must not become a flood of questions."""
        bench = Bench(said())
        codes = {found.code for found in [bench.judged(token(kid=f"k{n}")) for n in range(20)] if found}
        assert codes == {"EN-ACCESS-TOKEN"}
        assert bench.words.asked.count("anew") == 1


class TestATokenOfAnotherIssuer:
    @pytest.mark.parametrize("issuer", ["https://medmij.test", "", 5, True, [ISSUER], {"a": ISSUER}, {}, []])
    def test_is_proven_false(self, issuer: Any) -> None:
        """The network names one; whoever writes another name, in whatever form, would else get by unproven."""
        found = Bench(said()).judged(token(claims={"iss": issuer}))
        assert found is not None
        assert (found.code, found.severity) == ("EN-ACCESS-TOKEN", Severity.BLOCK)

    def test_that_the_network_names_since_a_moment_passes(self) -> None:
        """What it said an hour ago is not held against its new server."""
        before = replace(said(), metadata={**said().metadata, "issuer": "https://before.test"})
        bench = Bench(before, said())
        assert bench.judged(token(claims={"exp": 2**33})) is None
        assert bench.words.asked == ["get", "anew"]

    def test_is_not_asked_after_at_the_whim_of_who_names_one(self) -> None:
        """A flood of invented issuers must not become a flood of questions."""
        bench = Bench(said())
        for n in range(20):
            bench.judged(token(claims={"iss": f"https://{n}.test"}))
        assert bench.words.asked.count("anew") == 1
