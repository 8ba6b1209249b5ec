"""Access tokens and addresses for FHIR: from the stelseltoken, by way of the authorisation server.

Knows: the order in which the parties are asked (AORTA on FHIR, Interfaces Stelselnode and Autorisatie Server ZA).
Must not know: messages, settings files; an access token is handed out once and never kept.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import NotSent
from edge_node.model.fhir import Access, SamlTokens
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.wire.access_tokens import AccessTokenJudge, AccessTokenRules, ServerSaid, ServerWords
from edge_node.wire.authorisation_address import (
    BrokerAddress,
    PeerWay,
    Place,
    broker_address,
    claim,
    place,
    way_of,
    well_known,
)
from edge_node.wire.authorisation_cache import Cached, CacheTimes, Fresh
from edge_node.wire.authorisation_exchange import ExchangeForm, access_token, asked
from edge_node.wire.authorisation_fetch import fetch, fetch_metadata, unusable
from edge_node.wire.authorisation_shelf import Shelf, Shelved
from edge_node.wire.authorisation_signed import Claims, Signer, ends_in_s, read_by_chain, read_by_keys, untrusted

__all__ = [
    "AccessTokenRules",
    "Authorisation",
    "AuthorisationChoices",
    "AuthorisationTools",
    "BrokerAddress",
    "ExchangeForm",
    "PeerWay",
    "Signer",
]

log = structlog.get_logger()

_STELSELTOKEN: Final = "stelseltoken"
_METADATA: Final = "metadata"
_FILE: Final = "stelseltoken.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationChoices:
    """What the settings choose. Every number and name that no public page gives is one of them."""

    signer: Signer  # of the stelseltoken
    stelseltoken_path: str = "/stelseltoken/metadata/v1"
    stelseltoken_kind: str = "aorta-st+JWT"
    issuer_claim: str = "authorization_server_za"
    broker_claim: str = "resource_broker_za_in"
    issuer: str | None = None  # instead of what the stelseltoken says
    broker: str | None = None
    max_age_s: float = 14_400  # where an answer does not say
    keep_for_s: float = 7 * 86_400
    retry_s: float = 60
    fetch_timeout_s: float = 10
    form: ExchangeForm = field(default_factory=ExchangeForm)
    access: AccessTokenRules = field(default_factory=AccessTokenRules)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationTools:
    """What it is joined to."""

    choices: Callable[[], AuthorisationChoices]  # as the settings have them now
    ways: Callable[[ApplicationId], tuple[PeerWay, ...]]  # the parties, as this application reaches them now
    clock: IReactorTime
    now: Callable[[], datetime]
    state_dir: Path
    aside: Callable[[Callable[[], None]], Awaitable[None]]  # runs what touches the disk


class Authorisation:
    """Gets access tokens, and the addresses they are for."""

    def __init__(self, tools: AuthorisationTools) -> None:
        self._tools = tools
        self._shelf = Shelf(tools.state_dir / _FILE)
        self._in_use = tools.choices()
        self._complaints: dict[str, Finding] = {}
        self._system: Cached[Claims] = self._cached(_STELSELTOKEN)
        self._server: Cached[ServerSaid] = self._cached(_METADATA)
        words = ServerWords(get=self._server_said, anew=self._server_said_anew)
        self._judge = AccessTokenJudge(words, tools.clock, tools.now)
        self._server_issuer: str | None = None
        self._is_restored = False

    @property
    def old_copies(self) -> Mapping[str, Finding]:
        """What an operator should know: which old copies are in use, and why."""
        missing = self._judge.missing
        return self._complaints | ({} if missing is None else {"keys of access tokens": missing})

    async def access_token(
        self, application: ApplicationId, tokens: SamlTokens, access: Access, *, timeout_s: float
    ) -> str:
        """Return a fresh access token, for one request and to be kept nowhere.

        Raises `NotSent` when no server can be asked, `Refused` (EN-TOKEN-REFUSED) when it refuses these tokens.
        """
        end_s = self._tools.clock.seconds() + timeout_s
        said = await self._server_said(application, timeout_s)
        endpoint = place(said.metadata.get("token_endpoint"), self._tools.ways(application), "authorisation-server")
        left_s = end_s - self._tools.clock.seconds()
        request = asked(endpoint.path or "/", self._in_use.form, tokens, access)
        token = access_token(await fetch(endpoint.way.client, request, timeout_s=left_s))
        # One that is not for us is nobody's to hand on; whom it is for is the broker's to judge.
        rules = replace(self._in_use.access, audiences=())
        wrong = await self._judge.wrong_with_ours(application, token, said, (rules, self._in_use.retry_s))
        if wrong is not None:
            raise untrusted(f"the access token it gave: {wrong.detail}")
        return token

    async def judge(self, application: ApplicationId, token: str) -> Finding | None:
        """What is wrong with an access token that came in with a request; it only warns where nobody can tell."""
        self._follow_settings()
        return await self._judge.judge(application, token, self._in_use.access, retry_s=self._in_use.retry_s)

    async def broker(self, application: ApplicationId, version: str) -> BrokerAddress:
        """Return where requests in this version of FHIR go. Raises `NotSent`."""
        self._follow_settings()
        said: object = self._in_use.broker
        if said is None:
            claims = await self._stelseltoken(application, timeout_s=self._in_use.fetch_timeout_s)
            said = claim(claims, self._in_use.broker_claim)
        return broker_address(said, version, self._tools.ways(application))

    # The stelseltoken

    async def _stelseltoken(self, application: ApplicationId, *, timeout_s: float) -> Claims:
        if self._system.is_empty and not self._is_restored:
            self._restore()
        return await self._system.get(lambda: self._fetch_stelseltoken(application), timeout_s=timeout_s)

    async def _fetch_stelseltoken(self, application: ApplicationId) -> Fresh[Claims]:
        choices = self._in_use
        zim = way_of(self._tools.ways(application), "zim")
        said, max_age_s = await fetch_metadata(
            zim.client, choices.stelseltoken_path, timeout_s=choices.fetch_timeout_s
        )
        token = said.get("signed_metadata")
        if not isinstance(token, str):
            raise unusable("the stelselnode gave no signed_metadata")
        claims = self._judged(token)
        age_s = self._fresh_for_s(claims, max_age_s)
        await self._put(Shelved(token=token, fetched_at_s=self._tools.now().timestamp(), max_age_s=age_s))
        return Fresh(value=claims, max_age_s=age_s)

    def _judged(self, token: str) -> Claims:
        choices = self._in_use
        return read_by_chain(token, choices.signer, kind=choices.stelseltoken_kind, at=self._tools.now())

    async def _put(self, shelved: Shelved) -> None:
        try:
            await self._tools.aside(lambda: self._shelf.put(shelved))
        except OSError as error:
            log.error("stelseltoken.not-kept", error=type(error).__name__)

    def _restore(self) -> None:
        """Take the copy of an earlier run, judged as if it came now.

        Reads one small file, once after a start or after new settings: not worth a thread.
        """
        self._is_restored = True
        shelved = self._shelf.take()
        if shelved is None:
            return
        age_s = self._tools.now().timestamp() - shelved.fetched_at_s
        if not 0 <= age_s < self._in_use.keep_for_s:
            return  # too old, or from a clock that was wrong
        try:
            claims = self._judged(shelved.token)
        except NotSent as error:
            log.warning("stelseltoken.not-restored", code=error.code, detail=error.detail)
            return
        self._system.hold(Fresh(value=claims, max_age_s=shelved.max_age_s, age_s=age_s))

    # The authorisation server

    async def _server_said_anew(self, application: ApplicationId, timeout_s: float) -> ServerSaid:
        self._server.doubt()
        return await self._server_said(application, timeout_s)

    async def _server_said(self, application: ApplicationId, timeout_s: float) -> ServerSaid:
        self._follow_settings()
        end_s = self._tools.clock.seconds() + timeout_s
        issuer = await self._issuer(application, timeout_s)
        if issuer != self._server_issuer:
            self._server_issuer, self._server = issuer, self._cached(_METADATA)
        left_s = end_s - self._tools.clock.seconds()
        return await self._server.get(lambda: self._fetch_metadata(application, issuer), timeout_s=left_s)

    async def _issuer(self, application: ApplicationId, timeout_s: float) -> str:
        if self._in_use.issuer is not None:
            return self._in_use.issuer
        said = claim(await self._stelseltoken(application, timeout_s=timeout_s), self._in_use.issuer_claim)
        if not isinstance(said, str):
            raise unusable(f"the stelseltoken names no authorisation server at {self._in_use.issuer_claim}")
        return said

    async def _fetch_metadata(self, application: ApplicationId, issuer: str) -> Fresh[ServerSaid]:
        """RFC 8414: what is signed goes before what is not, and must be of this very issuer."""
        ways, timeout_s = self._tools.ways(application), self._in_use.fetch_timeout_s
        server = place(issuer, ways, "authorisation-server")
        said, max_age_s = await fetch_metadata(server.way.client, well_known(server), timeout_s=timeout_s)
        if said.get("issuer") != issuer:
            raise untrusted("the metadata is of another issuer")
        token = said.get("signed_metadata")
        if not isinstance(token, str):
            raise unusable("the authorisation server gave no signed_metadata")
        keys = await self._keys(place(said.get("jwks_uri"), ways, "authorisation-server"), timeout_s)
        signed = read_by_keys(token, keys, at=self._tools.now(), skew_s=self._in_use.access.skew_s)
        metadata = {**said, **signed}
        if signed.get("iss") != issuer or metadata["issuer"] != issuer or metadata["jwks_uri"] != said["jwks_uri"]:
            raise untrusted("the signed metadata is of another issuer, or names another key set")
        value = ServerSaid(metadata=metadata, keys=keys)
        return Fresh(value=value, max_age_s=self._fresh_for_s(signed, max_age_s))

    async def _keys(self, where: Place, timeout_s: float) -> Mapping[str, Any]:
        return (await fetch_metadata(where.way.client, where.path or "/", timeout_s=timeout_s))[0]

    # What is held

    def _fresh_for_s(self, signed: Claims, max_age_s: float | None) -> float:
        """As long as the answer says, and no longer than what was signed is good, or than anything is kept."""
        choices = self._in_use
        said_s = choices.max_age_s if max_age_s is None else max_age_s
        return max(0.0, min(said_s, choices.keep_for_s, ends_in_s(signed, self._tools.now())))

    def _follow_settings(self) -> None:
        """New settings may trust others: nothing that the old ones let in is used any more."""
        choices = self._tools.choices()
        if choices != self._in_use:
            self._in_use = choices
            self._forget()

    def _forget(self) -> None:
        self._complaints.clear()
        self._system, self._server = self._cached(_STELSELTOKEN), self._cached(_METADATA)
        self._server_issuer = None
        self._is_restored = False

    def _cached(self, what: str) -> Cached[Any]:
        times = CacheTimes(keep_for_s=self._in_use.keep_for_s, retry_s=self._in_use.retry_s)
        return Cached(self._tools.clock, times, fell_back=lambda error: self._fell_back(what, error))

    def _fell_back(self, what: str, error: NotSent | None) -> None:
        if error is None:
            self._complaints.pop(what, None)
            return
        self._complaints[what] = Finding(error.code, f"the last good one is in use: {error.detail}")
        log.warning("authorisation.old-copy", what=what, code=error.code, detail=error.detail)
