"""Whether an access token is from the authorisation server, and still good: proven, proven false, or not known.

Knows: the claims every such token has (RFC 7519, RFC 9068), when its keys are asked for anew.
Must not know: how keys are fetched, what the token gives access to.

What cannot be told is never called false: TLS has proven who sent it, and a list of keys that does not come is no
reason to leave a patient without an answer. A site may refuse it all the same.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import NotSent
from edge_node.model.finding import Finding, Severity
from edge_node.model.identifiers import ApplicationId
from edge_node.wire.authorisation_signed import Claims, has_key_of, kind_of, read_by_keys, said_by

log = structlog.get_logger()

FALSE: Final = "EN-ACCESS-TOKEN"
UNKNOWN: Final = "EN-ACCESS-UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRules:
    """What a site asks of them, where the public pages leave it open. The algorithm is pinned, and no choice."""

    kinds: tuple[str, ...] = ("aorta-at+JWT", "at+JWT")
    audiences: tuple[str, ...] = ()  # of what comes in; empty: not asked for
    skew_s: float = 5.0
    keys_timeout_s: float = 2.0
    blocks_unknown: bool = False  # what nobody can tell is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSaid:
    """What the authorisation server says of itself, with the keys it signs with."""

    metadata: Mapping[str, Any]
    keys: Claims

    @property
    def issuer(self) -> str:
        """Its name."""
        return str(self.metadata["issuer"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerWords:
    """Where that comes from. Raises `NotSent`; `anew` where what is at hand may be old."""

    get: Callable[[ApplicationId, float], Awaitable[ServerSaid]]
    anew: Callable[[ApplicationId, float], Awaitable[ServerSaid]]


class AccessTokenJudge:
    """Judges access tokens. Keys that do not come are not asked for at each request."""

    def __init__(self, words: ServerWords, clock: IReactorTime, now: Callable[[], datetime]) -> None:
        self._words = words
        self._clock = clock
        self._now = now
        self._again_s = 0.0  # on the clock: when keys are asked for again after they did not come
        self._renewed_s = float("-inf")  # when they were asked for because of a name that was not among them
        self._missing: Finding | None = None

    @property
    def missing(self) -> Finding | None:
        """Why tokens cannot be judged now; None while they can."""
        return self._missing

    async def judge(
        self, application: ApplicationId, token: str, rules: AccessTokenRules, *, retry_s: float
    ) -> Finding | None:
        """What is wrong with one that came along. It blocks where that is proven, else as the site says."""
        found = await self._judged(application, token, rules, retry_s)
        is_unknown = found is not None and found.code == UNKNOWN
        return replace(found, severity=Severity.BLOCK) if found and is_unknown and rules.blocks_unknown else found

    async def _judged(
        self, application: ApplicationId, token: str, rules: AccessTokenRules, retry_s: float
    ) -> Finding | None:
        if self._clock.seconds() < self._again_s and self._missing is not None:
            return self._missing
        try:
            said = await self._words.get(application, rules.keys_timeout_s)
            said = await self._with_key(application, token, said, (rules, retry_s))
        except NotSent as error:
            return self._keys_missing(error, retry_s)
        self._keys_came()
        if self._is_foreign(token, said):
            return Finding(FALSE, "the token is of another issuer than the stelseltoken names")
        return wrong_with(token, said, rules, self._now())

    async def wrong_with_ours(
        self, application: ApplicationId, token: str, said: ServerSaid, how: tuple[AccessTokenRules, float]
    ) -> Finding | None:
        """What is wrong with one that the server has just given to us. Raises `NotSent`."""
        said = await self._with_key(application, token, said, how)
        return wrong_with(token, said, how[0], self._now())

    async def _with_key(
        self, application: ApplicationId, token: str, said: ServerSaid, how: tuple[AccessTokenRules, float]
    ) -> ServerSaid:
        """The keys, asked for anew for a key or an issuer that is not theirs; not at the whim of who names one."""
        rules, retry_s = how
        try:
            is_there = has_key_of(token, said.keys) and not self._is_foreign(token, said)
        except NotSent:
            return said  # no token at all: that is told when it is read
        if is_there or self._clock.seconds() < self._renewed_s + retry_s:
            return said
        self._renewed_s = self._clock.seconds()
        return await self._words.anew(application, rules.keys_timeout_s)

    @staticmethod
    def _is_foreign(token: str, said: ServerSaid) -> bool:
        """Whether it names another issuer, in whatever form; of one that names none its keys tell more."""
        try:
            named = said_by(token).get("iss")
        except NotSent:
            return False
        return named is not None and named != said.issuer

    def _keys_missing(self, error: NotSent, retry_s: float) -> Finding:
        self._again_s = self._clock.seconds() + retry_s
        if self._missing is None:
            log.warning("access-tokens.unproven", code=error.code, detail=error.detail)
        self._missing = _unknown(f"no keys: {error.code}: {error.detail}")
        return self._missing

    def _keys_came(self) -> None:
        if self._missing is not None:
            log.info("access-tokens.proven")
        self._missing = None


def wrong_with(token: str, said: ServerSaid, rules: AccessTokenRules, at: datetime) -> Finding | None:
    """What is proven to be wrong with a token of this server."""
    try:
        kind = kind_of(token)
        claims = read_by_keys(token, said.keys, at=at, skew_s=rules.skew_s)
    except NotSent as error:
        return Finding(FALSE, error.detail)
    if kind not in {one.lower() for one in rules.kinds}:
        return Finding(FALSE, "the token is of another type")
    if "exp" not in claims:
        return Finding(FALSE, "the token does not say when it ends")
    if claims.get("iss") != said.issuer:
        return Finding(FALSE, "the token does not say who issued it")
    if rules.audiences and not _audiences(claims) & set(rules.audiences):
        return Finding(FALSE, "the token is for another party")
    return None


def _audiences(claims: Claims) -> set[str]:
    said = claims.get("aud")
    listed = said if isinstance(said, list) else [said]
    return {one for one in listed if isinstance(one, str)}


def _unknown(detail: str) -> Finding:
    return Finding(UNKNOWN, detail, Severity.WARN)
