"""The checks of topic B: certificates, their keys, and what is trusted.

Knows: what makes a certificate of this site good, and from when on its end is near.
Must not know: how a certificate is read, where files are.
"""

from collections.abc import Callable, Iterator
from typing import Final

from edge_node.model.certificate import days_left
from edge_node.model.check import Evidence, Limits, Outcome, Result
from edge_node.model.facts_identity import CertificateFacts, KeyFileFacts, OwnCertificate, SettingsFacts
from edge_node.model.notice import Words
from edge_node.policy.check_engine import worst

_SERVER: Final = "1.3.6.1.5.5.7.3.1"
_CLIENT: Final = "1.3.6.1.5.5.7.3.2"
_NONE: Final = Words(nl="Er is geen certificaat in gebruik.", en="No certificate is in use.")
_NOT_ASKED: Final = Words(
    nl="Niet bekend is of het is ingetrokken: er is geen lijst of antwoord.",
    en="Nobody can tell whether it was revoked: there is no list or answer.",
)
_UNROOTED: Final = Words(
    nl="De uitgever staat hier niet bij de stamcertificaten; de keten zelf klopt.",
    en="Its issuer is not among the anchors here; the chain itself holds.",
)
_NO_FILES: Final = Words(nl="Geen sleutel ligt in een bestand.", en="No key lies in a file.")
_NO_FOLDER: Final = Words(
    nl="Er is geen map voor back-ups ingesteld.", en="No folder for backups is set in the settings."
)
_EXPOSED_BITS: Final = 0o077
_EXPOSED_BITS_OF_ROOT: Final = 0o037


def _each(facts: CertificateFacts, judge: Callable[[OwnCertificate], Outcome]) -> Outcome:
    if not facts.own:
        return Outcome(result=Result.UNKNOWN, reason=_NONE)
    return worst({own.identity: judge(own) for own in facts.own})


def _good_if(is_good: bool, value: str) -> Outcome:
    return Outcome(result=Result.GOOD if is_good else Result.VIOLATED, value=value)


def validity(facts: CertificateFacts, limits: Limits) -> Outcome:
    """It has begun, and has not ended."""

    def judge(own: OwnCertificate) -> Outcome:
        begins, ends = own.certificate.not_before, own.certificate.not_after
        return _good_if(begins <= facts.at < ends, f"{begins:%Y-%m-%d %H:%M} - {ends:%Y-%m-%d %H:%M} UTC")

    return _each(facts, judge)


def chain(facts: CertificateFacts, limits: Limits) -> Outcome:
    """Each certificate was issued by the next, none of them ended, and the last leads to an anchor."""

    def judge(own: OwnCertificate) -> Outcome:
        if own.broken_link:
            return _good_if(False, f"not issued by the next: {own.broken_link}")
        if ended := [name for name, ends in own.authorities if ends <= facts.at]:
            return _good_if(False, f"ended: {', '.join(ended)}")
        value = " < ".join(name for name, _ in own.authorities) or own.certificate.issuer_common_name or ""
        if own.is_rooted:
            return Outcome(result=Result.GOOD, value=value)
        return Outcome(result=Result.WARNED, value=value, reason=_UNROOTED)

    return _each(facts, judge)


def purposes(facts: CertificateFacts, limits: Limits) -> Outcome:
    """It may call and be called."""

    def judge(own: OwnCertificate) -> Outcome:
        usages = own.certificate.extended_key_usage
        named = {"serverAuth": _SERVER in usages, "clientAuth": _CLIENT in usages}
        return _good_if(
            all(named.values()), ", ".join(name for name, is_there in named.items() if is_there) or "none"
        )

    return _each(facts, judge)


def fqdn(facts: CertificateFacts, limits: Limits) -> Outcome:
    """The name in the settings stands in it."""

    def judge(own: OwnCertificate) -> Outcome:
        names = [name.lower() for name in own.certificate.dns_names]
        return _good_if(own.fqdn.lower() in names, ", ".join(names) or "none")

    return _each(facts, judge)


def ura(facts: CertificateFacts, limits: Limits) -> Outcome:
    """The subscriber number in the settings stands in it."""

    def judge(own: OwnCertificate) -> Outcome:
        said = own.certificate.ura
        return _good_if(said is not None and said.zfill(8) == own.ura.zfill(8), said or "none")

    return _each(facts, judge)


def expiry(facts: CertificateFacts, limits: Limits) -> Outcome:
    """There are days enough left to get another one."""
    warn, least = limits["cert_warn_days"].value, limits["cert_violation_days"].value

    def judge(own: OwnCertificate) -> Outcome:
        left = days_left(own.certificate.not_after, facts.at)
        result = Result.VIOLATED if left <= least else Result.WARNED if left <= warn else Result.GOOD
        return Outcome(result=result, value=f"{left} d ({own.certificate.not_after:%Y-%m-%d})")

    return _each(facts, judge)


def generation(facts: CertificateFacts, limits: Limits) -> Outcome:
    """It is of the generation that issues now."""

    def judge(own: OwnCertificate) -> Outcome:
        is_old = own.generation.endswith("G1")
        return Outcome(result=Result.WARNED if is_old else Result.GOOD, value=own.generation or "no name says so")

    return _each(facts, judge)


def revoked(facts: CertificateFacts, limits: Limits) -> Outcome:
    """Its issuer did not revoke it, nor a CA above it."""

    def judge(own: OwnCertificate) -> Outcome:
        if own.revocation == "good":
            return Outcome(result=Result.GOOD, value="good")
        if own.revocation == "revoked":
            return Outcome(result=Result.VIOLATED, value="revoked")
        return Outcome(result=Result.UNKNOWN, value=own.revocation, reason=_NOT_ASKED)

    return _each(facts, judge)


def key_storage(facts: CertificateFacts, limits: Limits) -> Outcome:
    """Its key is sealed, lent by systemd, or at least under a passphrase."""

    def judge(own: OwnCertificate) -> Outcome:
        is_bare = own.key_place == "path" and not own.has_passphrase
        value = own.key_place + (" with a passphrase" if own.has_passphrase else "")
        return Outcome(result=Result.WARNED if is_bare else Result.GOOD, value=value)

    return _each(facts, judge)


def separation(facts: CertificateFacts, limits: Limits) -> Outcome:
    """No key serves two organisations or two purposes."""
    uses: dict[str, list[str]] = {}
    for use, key_id in (*((own.identity, own.key_id) for own in facts.own), *facts.others):
        uses.setdefault(key_id, []).append(use)
    shared = [" and ".join(names) for names in uses.values() if len(names) > 1]
    return _good_if(not shared, "; ".join(shared) or f"{len(uses)} keys")


def in_use(facts: CertificateFacts, limits: Limits) -> Outcome:
    """Each organisation has a certificate that is good today."""
    judged = (validity(facts, limits), chain(facts, limits), revoked(facts, limits))
    bad = next((one for one in judged if one.result is Result.VIOLATED), None)
    return bad or (judged[0] if facts.own else Outcome(result=Result.UNKNOWN, reason=_NONE))


def key_permissions(facts: KeyFileFacts, limits: Limits) -> Outcome:
    """Nobody but the service can read or write a key."""
    if not facts.files:
        return Outcome(result=Result.NOT_USED, reason=_NO_FILES)
    exposed = [one.name for one in facts.files if _is_exposed(one.mode, one.owner)]
    evidence = tuple((one.name, f"{one.mode:04o}, owner {one.owner}") for one in facts.files)
    value = ", ".join(exposed) or f"{len(facts.files)} files"
    return Outcome(result=Result.VIOLATED if exposed else Result.GOOD, value=value, evidence=evidence)


def key_in_backup(facts: KeyFileFacts, limits: Limits) -> Outcome:
    """No key lies bare beside the backups."""
    if not facts.files or not facts.has_backup_folder:
        return Outcome(result=Result.NOT_USED, reason=_NO_FOLDER if facts.files else _NO_FILES)
    copied = list(_copied(facts))
    return _good_if(not copied, ", ".join(copied) or "none")


def drift(facts: SettingsFacts, limits: Limits) -> Outcome:
    """The settings on the disk are those in force."""
    evidence: Evidence = (("in force", facts.in_force[:16]), ("on disk", facts.on_disk[:16] or "unusable"))
    evidence += tuple((f"complaint {n}", complaint) for n, complaint in enumerate(facts.complaints, start=1))
    value = "unusable" if not facts.on_disk else "equal" if facts.on_disk == facts.in_force else "changed"
    return Outcome(result=Result.GOOD if value == "equal" else Result.VIOLATED, value=value, evidence=evidence)


def _copied(facts: KeyFileFacts) -> Iterator[str]:
    return (one.name for one in facts.files if one.is_in_backup)


def _is_exposed(mode: int, owner: int) -> bool:
    # Root may let one group read a file of its own.
    return bool(mode & (_EXPOSED_BITS_OF_ROOT if owner == 0 else _EXPOSED_BITS))
