"""Asks OCSP responders: one question, tried in the ways a responder may want it.

Knows: where a certificate says its responder is, POST and GET, which hash a responder names certificates with.
Must not know: when a question is asked, how long an answer is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from edge_node.errors import EdgeNodeError, Refused, Unavailable
from edge_node.wire.fetching import ANSWER, Fetching, Wish
from edge_node.wire.ocsp_answer import AnswerRules, OcspAnswer, read_answer
from edge_node.wire.ocsp_question import CONTENT_TYPE, NAMING, NONCE_BYTES, Question, by_get
from edge_node.wire.revocation import Verdict, ocsp_addresses
from edge_node.wire.source_state import SourceStates
from edge_node.wire.trust_certificate import fingerprint

KIND: Final = "ocsp"

_ACCEPT: Final = ("accept", "application/ocsp-response")
#: Responders asked about one certificate, first the one it names first.
_RESPONDERS: Final = 2
#: Responders whose hash is remembered.
_REMEMBERED: Final = 64
#: What a responder says that does not know the hash a certificate was named with.
_MAYBE_THE_HASH: Final = frozenset({"EN-OCSP-STATUS", "EN-OCSP-OTHER"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspChoices:
    """What a site chooses about OCSP."""

    is_on: bool = True  # off: revocation lists alone must say good
    nonce: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspTools:
    """What the client works with."""

    fetching: Fetching
    choices: Callable[[], OcspChoices]
    rules: Callable[[], AnswerRules]
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    states: SourceStates


class OcspClient:
    """Asks, and remembers how each responder wants to be asked."""

    def __init__(self, tools: OcspTools) -> None:
        self._tools = tools
        self._naming: dict[str, hashes.HashAlgorithm] = {}  # by responder, the hash it answered to

    @property
    def is_on(self) -> bool:
        """Whether the site has responders asked."""
        return self._tools.choices().is_on

    def responders(self, certificate: x509.Certificate) -> tuple[str, ...]:
        """Return whom to ask about a certificate; nobody where OCSP is off."""
        return ocsp_addresses(certificate)[:_RESPONDERS] if self.is_on else ()

    async def ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> OcspAnswer:
        """Ask about a certificate. Raises `Unavailable` or `Refused` when no responder gives a usable answer."""
        last: EdgeNodeError = Unavailable("the certificate names no responder", code=ANSWER)
        for address in self.responders(certificate):
            try:
                answer = await self._ask_one(address, certificate, issuer)
            except (Unavailable, Refused) as error:
                last = error
                self._tools.states.failed((KIND, address), self._tools.now(), error, fingerprint(certificate))
                continue
            self._tools.states.good((KIND, address), self._tools.now(), fingerprint(certificate))
            return answer
        raise last

    def forget(self, certificate: x509.Certificate) -> None:
        """This certificate is not asked about any more."""
        for address in self.responders(certificate):
            self._tools.states.forget((KIND, address), fingerprint(certificate))

    async def _ask_one(self, address: str, certificate: x509.Certificate, issuer: x509.Certificate) -> OcspAnswer:
        """Ask with the hash this responder is known to take; where it may be the hash that is wrong, with another."""
        known = self._naming.get(address)
        first = Question(certificate=certificate, issuer=issuer, naming=known or NAMING[0])
        try:
            answer = await self._asked(address, first)
        except Refused as error:
            if error.code not in _MAYBE_THE_HASH:
                raise
            otherwise = await self._asked_otherwise(address, first)
            if otherwise is None:
                raise
            return otherwise
        if answer.verdict is Verdict.UNKNOWN and known is None:
            return await self._asked_otherwise(address, first) or answer
        self._remember(address, first.naming)
        return answer

    async def _asked_otherwise(self, address: str, first: Question) -> OcspAnswer | None:
        """Ask with the other hash; None when that tells no more than the first did."""
        other = next(one for one in NAMING if one is not first.naming)
        try:
            answer = await self._asked(address, replace(first, naming=other))
        except (Refused, Unavailable):
            return None
        if answer.verdict is Verdict.UNKNOWN:
            return None
        self._remember(address, other)
        return answer

    async def _asked(self, address: str, plain: Question) -> OcspAnswer:
        question, wish = self._wish(address, plain)
        found = await self._tools.fetching.fetch(wish)
        return read_answer(found.body or b"", question, self._tools.now(), self._tools.rules())

    def _wish(self, address: str, plain: Question) -> tuple[Question, Wish]:
        """With a nonce by POST; without by GET where it fits, since caches on the way may then answer (RFC 5019)."""
        if self._tools.choices().nonce:
            plain = replace(plain, nonce=self._tools.random(NONCE_BYTES))
        elif (short := by_get(address, plain.der)) is not None:
            return plain, Wish(address=short, headers=(_ACCEPT,))
        headers = (("content-type", CONTENT_TYPE), _ACCEPT)
        return plain, Wish(address=address, method="POST", headers=headers, body=plain.der)

    def _remember(self, address: str, naming: hashes.HashAlgorithm) -> None:
        self._naming[address] = naming
        while len(self._naming) > _REMEMBERED:
            del self._naming[next(iter(self._naming))]
