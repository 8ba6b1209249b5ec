"""How the trust of a node is: certificates, their files, anchors, tokens, TLS, revocation.

Knows: which of these facts make a part unwell, and which are only said.
Must not know: how a fact was found, what follows for the whole.
"""

from collections.abc import Iterator
from typing import Final

from edge_node.model.anchors import AnchorChange, Phase
from edge_node.model.finding import Finding
from edge_node.model.negotiated import TlsFact
from edge_node.model.revocation import RevocationFact, together
from edge_node.status.facts import CertificateFact, CertificateFilesFact, Facts
from edge_node.status.part import Health, Part

KEY_EXPOSED: Final = "EN-KEY-EXPOSED"
_OWN_REVOKED: Final = "EN-CERTIFICATE-REVOKED"
#: Days before its end at which a certificate is reported (design 5: countdown starts at 90, a person acts by 30).
CERTIFICATE_WARNING_DAYS: Final = 30

_DAY_S: Final = 86400.0


def certificate(own: CertificateFact, facts: Facts) -> Part:
    """One of our own: how long it lasts, whether it is revoked or refused."""
    days = (own.not_after - facts.at).total_seconds() / _DAY_S
    detail = f"ends {own.not_after:%Y-%m-%d}"
    detail += f" ({own.generation})" if own.generation else ""
    detail += "".join(f"; {finding.detail}" for finding in own.findings)
    if own.next_from is not None:
        detail += f"; another one waits to be shown from {own.next_from:%Y-%m-%d %H:%M} UTC"
    revoked = _revoked(own.identity, facts.revocation)
    if revoked is not None:
        health, code, detail = Health.DOWN, revoked.code, f"{revoked.detail}; {detail}"
    elif days <= 0:
        health, code = Health.DOWN, "EN-CERTIFICATE-ENDED"
    elif days <= CERTIFICATE_WARNING_DAYS:
        health, code = Health.DEGRADED, "EN-CERTIFICATE-ENDING"
    elif own.refused_until is not None:
        health, code = Health.DEGRADED, "EN-CERTIFICATE-REFUSED"
    else:
        health, code = Health.UP, ""
    return Part(kind="certificate", name=own.identity, health=health, code=code, detail=detail)


def certificate_files(files: CertificateFilesFact) -> Iterator[Part]:
    """What lies on disk and is not in use: open to others, broken, or otherwise."""
    if files.exposed:
        detail = "; ".join(sorted(files.exposed))
        yield Part(kind="certificate files", name="keys", health=Health.DEGRADED, code=KEY_EXPOSED, detail=detail)
    if unusable := [one for one in files.broken if one not in files.exposed]:
        detail = "; ".join(unusable)
        yield Part(
            kind="certificate files", name="disk", health=Health.DEGRADED, code="EN-CERTIFICATE-FILE", detail=detail
        )
    if files.changed:
        detail = f"changed on disk, a reload takes it up: {', '.join(files.changed)}"
        yield Part(
            kind="certificate files",
            name="changed",
            health=Health.DEGRADED,
            code="EN-CERTIFICATE-CHANGED",
            detail=detail,
        )


def anchors(change: AnchorChange) -> Part:
    """New anchors of one peer that do not count yet."""
    code = "EN-ANCHORS-REFUSED" if change.phase is Phase.REFUSED else "EN-ANCHORS-WAITING"
    detail = f"without {', '.join(change.removed)}: {change.why}"
    return Part(kind="anchors", name=change.peer, health=Health.DEGRADED, code=code, detail=detail)


def tokens(facts: Facts) -> Part:
    """Never well where nobody looks: what they say is held against the message, who signed is not known."""
    health, code = Health.UP, ""
    if not facts.judges_tokens:
        health, code = Health.UNKNOWN, "EN-TOKEN-UNJUDGED"
    elif facts.lets_unproven:
        health, code = Health.UNKNOWN, "EN-TOKEN-UNKNOWN"
    passed = facts.unproven_tokens
    detail = f"{passed} passed unproven since the start" if passed else ""
    return Part(kind="tokens", name="tokens", health=health, code=code, detail=detail)


def tls(fact: TlsFact | None) -> Iterator[Part]:
    """What the guideline would have out, by party. Said, and not called wrong: messages go on, and it is theirs."""
    going = fact.phasing_out if fact else ()
    for role in sorted({agreed.role for agreed in going}):
        named = sorted({f"{it.item} {it.value} (now {it.label})" for it in going if it.role == role})
        yield Part(kind="tls", name=role, health=Health.UP, code="EN-TLS-PHASE-OUT", detail=", ".join(named))


def _revoked(identity: str, fact: RevocationFact | None) -> Finding | None:
    """What is said of the certificate of an organisation that was revoked."""
    found = () if fact is None else fact.findings()
    return next((finding for of, finding in found if (of, finding.code) == (identity, _OWN_REVOKED)), None)


def revocation(fact: RevocationFact | None, told: frozenset[str]) -> Iterator[Part]:
    """One part while all is well; else one for each thing that a person must look at; `told` have a part already."""
    if fact is None:
        return
    findings = together(fact.findings())
    if not findings:
        yield Part(kind="revocation", name="revocation", health=Health.UP, detail=f"{len(fact.lists)} lists")
    for of, finding in findings:
        is_own = finding.code == _OWN_REVOKED
        if is_own and of in told:
            continue
        health = Health.DOWN if is_own else Health.DEGRADED
        kind = "certificate" if is_own else "revocation"
        yield Part(kind=kind, name=of, health=health, code=finding.code, detail=finding.detail)
