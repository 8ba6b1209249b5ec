"""The command that shows every certificate of the site, or what is in a file.

Knows: where the list comes from, in which words people read it.
Must not know: what makes a certificate good.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli import files as named
from edge_node.cli.cert_asking import json_option, layers_option, socket_option
from edge_node.cli.cert_words import Language, language_option
from edge_node.cli.show import note, printable, readable, say
from edge_node.errors import Refused

Document = dict[str, Any]

_MAX_BYTES: Final = 1_048_576

#: In each language, by the names that the list itself has.
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "nl": {
        "in use": "in gebruik", "waiting": "wacht", "kept": "bewaard", "refused": "geweigerd door het LSP",
        "out of date": "verlopen", "unusable": "onbruikbaar", "settings": "instellingen",
        "installed": "geïnstalleerd",
        "previous": "vorige", "next": "geïnstalleerd voor later",
        "shown from": "wordt getoond vanaf", "path": "bestand", "sealed": "verzegeld", "credential": "systemd",
        "own": "Eigen certificaten", "signing": "Om tokens mee te ondertekenen",
        "local": "Naar uw eigen systemen", "anchors": "Vertrouwde stamcertificaten",
        "peers": "Laatst gezien van anderen", "days": "nog {} dag(en)", "ended": "GEËINDIGD", "ends": "tot",
        "key": "sleutel", "above": "onder CA", "valid": "geldig", "generation": "generatie",
        "names": "namen", "issuer": "uitgegeven door", "finding": "let op",
        "fingerprint": "SHA-256", "revocation": "ingetrokken?", "good": "nee", "revoked": "JA, INGETROKKEN",
        "unknown": "niet bekend", "not asked": "niet nagevraagd", "file": "bestand", "for": "voor", "seen": "gezien",
        "fell back": "Het LSP weigert het nieuwste certificaat; het vorige wordt getoond.", "fault": "fout",
        "broken": "op schijf onbruikbaar; alles gaat door met wat was gelezen",
        "changed": "op schijf veranderd; `systemctl reload edge-node` neemt het over", "ura": "URA", "uzi": "UZI",
        "EN-CERTIFICATE-CHAIN": "een CA erboven eindigt eerder dan het certificaat zelf (G1: 12-11-2028)",
        "EN-KEY-SHORT": "deze sleutel is voorlopig nog goed genoeg; maak de volgende met RSA 4096",
    },
    "en": {
        "next": "installed for later", "own": "Own certificates", "signing": "To sign tokens with",
        "local": "Towards your own systems", "anchors": "Trust anchors",
        "peers": "Last seen of others", "days": "{} day(s) left", "ended": "ENDED", "ends": "until", "key": "key",
        "above": "below CA", "valid": "valid", "generation": "generation",
        "names": "names", "issuer": "issued by", "finding": "note", "fingerprint": "SHA-256",
        "revocation": "revoked?", "good": "no", "revoked": "YES, REVOKED", "unknown": "not known", "file": "file",
        "for": "for", "seen": "seen", "fault": "fault",
        "fell back": "The switchboard refuses the newest certificate; the one before it is shown.",
        "broken": "unusable on disk; all goes on with what was read",
        "changed": "changed on disk; `systemctl reload edge-node` takes it up", "ura": "URA", "uzi": "UZI",
    },
}  # fmt: skip


@click.command("show")
@layers_option
@socket_option
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show what is in this file, in PEM or DER, and nothing else; needs no node.",
)
@language_option
@json_option
def show(
    config: tuple[Path, ...], socket: Path | None, files: tuple[Path, ...], language: Language, as_json: bool
) -> int:
    """Show every certificate of the site: own ones, old and new, anchors, and what peers showed last.

    Exits 1 when something needs a person. While the daemon is down it is read from the settings of --config.
    """
    if files:
        return _of_files(files, language, as_json)
    found = _list(config, socket)
    if as_json:
        say(json.dumps(found))
    else:
        for line in _lines(found, _Words(language)):
            say(printable(line))
    return exits.FINDING if _needs_somebody(found) else exits.GOOD


def _list(config: tuple[Path, ...], socket: Path | None) -> Document:
    from edge_node.cli.cert_asking import socket_of
    from edge_node.status import control_client

    try:
        answer: Document = control_client.ask(socket_of(config, socket), {"verb": "cert.show"})
    except control_client.Unreachable as error:
        if not config:
            raise
        note(f"The daemon does not answer ({error.detail}); read from the settings.")
        from edge_node.cli.cert_reading import read

        return read(config)
    return answer


def _of_files(files: Sequence[Path], language: Language, as_json: bool) -> int:
    from datetime import UTC, datetime

    from edge_node.wire.trust_inventory import describe_content

    found: list[Document] = []
    for path in files:
        try:
            found += describe_content(named.read(path, _MAX_BYTES, "EN-CERTIFICATE-FILE"), datetime.now(UTC))
        except Refused as refused:
            note(f"{refused.code}: {path}: {refused.detail}")
            return exits.FINDING
    if as_json:
        say(json.dumps({"certificates": found}))
    else:
        words = _Words(language)
        for one in found:
            for line in _certificate(one, words):
                say(printable(line))
    return exits.GOOD


class _Words:
    """The words of one language; what it does not name is said as it is."""

    def __init__(self, language: Language) -> None:
        self._words = _WORDS[language]

    def __getitem__(self, name: str) -> str:
        return self._words.get(name, name)


def _needs_somebody(found: Document) -> bool:
    own = [one for identity in found["identities"] for one in identity["certificates"] if one["place"] == "in use"]
    all_own = (*own, *found["signing"], *found["local"])
    ended = [one for one in all_own if one["days_left"] <= 0 or one.get("revocation") == "revoked"]
    missing = [it for it in found["identities"] if not any(one["place"] == "in use" for one in it["certificates"])]
    fell_back = [it for it in found["identities"] if it["fell_back"]]
    return bool(ended or missing or fell_back or found["faults"] or found["files"]["broken"])


def _lines(found: Document, words: _Words) -> Iterator[str]:
    yield f"{found['node']} ({found['environment']})"
    yield from (f"{words['fault']}: {each}" for each in found["faults"])
    for how in ("broken", "changed"):
        yield from (f"{each}: {words[how]}" for each in found["files"][how])
    for identity in found["identities"]:
        yield ""
        yield f"{words['own']}: {identity['organisation']} ({identity['name']}), {identity['fqdn']}"
        if identity["fell_back"]:
            yield f"  {words['fell back']}"
        for one in identity["certificates"]:
            yield from _certificate(one, words)
    for kind in ("signing", "local", "anchors", "peers"):
        if found[kind]:
            yield ""
            yield words[kind]
        for one in found[kind]:
            yield from _certificate(one, words)


def _certificate(one: Document, words: _Words) -> Iterator[str]:
    if "days_left" not in one:
        yield f"- [{words[one.get('place', 'unusable')]}] {one.get('file', '')}: {one.get('complaint', '')}"
        return
    left = words["days"].format(one["days_left"]) if one["days_left"] > 0 else words["ended"]
    place = f"[{words[one['place']]}] " if "place" in one else ""
    yield f"- {place}{readable(one['subject'])}"
    generation = f" ({words['generation']} {one['generation']})" if one["generation"] else ""
    yield f"    {words['valid']}: {words['ends']} {one['ends'][:10]}, {left}{generation}"
    for name, value in _details(one, words):
        if value:
            yield f"    {words[name]}: {value}"


def _details(one: Document, words: _Words) -> Iterator[tuple[str, str]]:
    yield "for", ", ".join(one.get("used_for", ())) or ", ".join(one.get("roles", ())) or one.get("listener", "")
    yield "shown from", one.get("shown_from") or ""
    yield "seen", one.get("seen_at", "")
    yield "names", ", ".join(one["names"])
    yield "ura", one["ura"] or ""
    uzi = one["uzi"]
    yield "uzi", f"{uzi['number']} {uzi['card_type']} (OID-CA {uzi['oid_ca']})" if uzi else ""
    yield "issuer", readable(one["issuer"])
    lies = f", {words[one['key_place']]}" if "key_place" in one else ""
    yield "key", f"{one['key']}{lies}"
    source = f" ({words[one['source']]})" if "source" in one else ""
    yield "file", f"{one['file']}{source}" if "file" in one else ""
    for above in one.get("chain", ()):
        yield "above", f"{readable(above['subject'])}, {words['ends']} {above['ends'][:10]}"
    yield "fingerprint", one["fingerprint"]
    yield "revocation", words[one["revocation"]] if "revocation" in one else ""
    for finding in one.get("findings", ()):
        told = words[finding["code"]]
        yield "finding", f"{finding['code']} {finding['detail'] if told == finding['code'] else told}"
