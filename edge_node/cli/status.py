"""The command that says how the node is.

Knows: how parts and counts are shown to people, and the exit code of a verdict.
Must not know: how the node is judged.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import duration, note, of_interaction, readable, say, table
from edge_node.cli.where import Where, where_options

#: What nobody may miss stands first, in both languages.
_CERTIFICATES: Final = {
    "EN-CERTIFICATE-ENDING": (
        "Certificaat van {name} eindigt binnenkort ({detail}): vraag nu een nieuw aan met `edge-node cert csr`.",
        "The certificate of {name} ends soon ({detail}): ask for a new one now with `edge-node cert csr`.",
    ),
    "EN-CERTIFICATE-ENDED": (
        "Certificaat van {name} is GEËINDIGD ({detail}): via het LSP werkt niets. Zie `edge-node cert show`.",
        "The certificate of {name} has ENDED ({detail}): nothing works through the switchboard. See `edge-node cert "
        "show`.",
    ),
    "EN-CERTIFICATE-REVOKED": (
        "Certificaat van {name} is INGETROKKEN: via het LSP werkt niets. Vraag een nieuw aan: `edge-node cert csr`.",
        "The certificate of {name} was REVOKED: nothing works through the switchboard. Ask for a new one with "
        "`edge-node cert csr`.",
    ),
    "EN-CERTIFICATE-REFUSED": (
        "Het LSP weigert het nieuwe certificaat van {name}; het vorige wordt getoond ({detail}). Bel de "
        "netwerkleverancier.",
        "The switchboard refuses the new certificate of {name}; the one before it is shown ({detail}). Call the "
        "network provider.",
    ),
    "EN-CERTIFICATE-FILE": (
        "Een bestand van een certificaat, sleutel of stamcertificaat is op schijf onbruikbaar; na een herstart "
        "kan een ander certificaat worden getoond, of start de node niet.",
        "A file of a certificate, key or anchors is unusable on disk; after a restart another "
        "certificate may be shown, or the node does not start.",
    ),
}
_GOOD: Final = frozenset({"up", "unknown"})


@click.command()
@where_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(where: Where, as_json: bool) -> int:
    """Say how the node is: the switchboard link, local systems, store, certificates and queue.

    Exits 0 when all is well, 1 when something is not, 69 when the daemon does not answer; the queue is then read from
    the store.
    """
    from edge_node.cli.daemon import counts
    from edge_node.status.control_client import Unreachable, ask

    try:
        now = ask(where.socket, {"verb": "status"})
    except Unreachable as error:
        _without_daemon(counts(where, error), error.detail, as_json)
        return exits.UNREACHABLE
    if as_json:
        say(json.dumps(now))
    else:
        _shown(now)
    return exits.GOOD if now["verdict"] == "well" else exits.FINDING


def _without_daemon(queue: list[dict[str, Any]], detail: str, as_json: bool) -> None:
    if as_json:
        say(json.dumps({"daemon": "down", "detail": detail, "queue": queue}))
        return
    note(f"The daemon does not answer ({detail}); the queue was read from the store.")
    _show_queue(queue)


def _shown(now: dict[str, Any]) -> None:
    say(f"{now['node']} {now['version']} ({now['environment']}): {now['verdict']}")
    for part in now["parts"]:
        for line in _CERTIFICATES.get(part.get("code", ""), ()):
            say(line.format(name=part["name"], detail=part.get("detail", "")))
    say("")
    table(("part", "name", "health", "since", "what"), (_part(part) for part in now["parts"]))
    for line in _advice(now["parts"]):
        say(line)
    for each in now["interactions"]:
        say(of_interaction(each))
    say("")
    _show_queue(now["queue"] or [])


def _advice(parts: list[dict[str, Any]]) -> Iterator[str]:
    """What to do about each part, said once for all of which the same is said."""
    same: dict[tuple[str, str, str], list[str]] = {}
    for part in parts:
        if part["health"] not in _GOOD and "do" in part:
            same.setdefault((part["kind"], part["side"], part["do"]), []).append(part["name"])
    for (kind, side, do), names in same.items():
        yield f"{kind} {', '.join(dict.fromkeys(names))} ({side}): {do}"


def _part(part: dict[str, Any]) -> tuple[object, ...]:
    what = " ".join(filter(None, (part.get("code"), readable(part.get("detail") or ""))))
    return part["kind"], part["name"], part["health"], duration(part.get("since_s")), what


def _show_queue(queue: list[dict[str, Any]]) -> None:
    rows = ((each["direction"], each["state"], each["messages"], duration(each["oldest_s"])) for each in queue)
    table(("direction", "state", "messages", "oldest"), rows)
