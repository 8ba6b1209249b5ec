"""The verbs on the checks of a well-managed system: what stands of them, a report, and what people declare.

Knows: their names and fields, and what they answer.
Must not know: how a check is judged, how a report is signed.
"""

import base64
from typing import Final, Protocol

from edge_node.errors import Unavailable
from edge_node.model.check import Attestation, Verdict, Waiver
from edge_node.model.check_memory import Change
from edge_node.model.gbz_report import Declaration, SignedReport, Wish
from edge_node.model.overview import By
from edge_node.status.check_document import counts, of_attestation, of_change, of_verdict, of_verdicts, of_waiver
from edge_node.status.document import Document
from edge_node.status.verbs import Call, Request, Verb, flag_of, moment_of, said_of, text_of, wrong

_LANGUAGES: Final = ("nl", "en")
_FORMATS: Final = ("json", "html")
#: What stands in the line about a declaration, beside who made it and why; who owns it is in the book of checks.
_DECLARED: Final = frozenset({"check", "until", "not_met"})


class CheckDesk(Protocol):
    """What the verbs are carried out on. A name that no check has raises `Refused`."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What stands of every check."""
        ...

    async def history(self, name: str) -> tuple[Change, ...]:
        """The last changes of one check, newest first."""
        ...

    async def report(self, wish: Wish) -> SignedReport:
        """All of it in one document, signed."""
        ...

    async def waive(self, declared: Declaration, by: By) -> Waiver:
        """A named person accepts a violation. Raises `Refused` without owner, reason or end."""
        ...

    async def end_waiver(self, name: str, by: By) -> None:
        """Take a waiver back."""
        ...

    async def attest(self, declared: Declaration, by: By) -> Attestation:
        """A named person declares what no machine can see."""
        ...


def verbs(desk: CheckDesk) -> dict[str, Verb]:
    """Return them."""

    async def listed(call: Call) -> Document:
        return {"counts": counts(desk.verdicts), "checks": of_verdicts(desk.verdicts)}

    async def show(call: Call) -> Document:
        name = _name(call.fields)
        changes = await desk.history(name)
        verdict = next((verdict for verdict in desk.verdicts if verdict.check.name == name), None)
        if verdict is None:
            raise Unavailable("no check was looked at yet", code="EN-STARTING")
        return {**of_verdict(verdict), "history": [of_change(change) for change in changes]}

    async def report(call: Call) -> Document:
        made = await desk.report(_wish(call.fields))
        await call.tell_bytes(made.content)
        return {
            "name": made.name,
            "signature": base64.b64encode(made.signature).decode("ascii"),
            "key": made.key_id,
            "public_key": made.public_key,
        }

    async def waive(call: Call) -> Document:
        return of_waiver(await desk.waive(_declaration(call.fields), call.by))

    async def end_waiver(call: Call) -> Document:
        await desk.end_waiver(_name(call.fields), call.by)
        return {}

    async def attest(call: Call) -> Document:
        return of_attestation(await desk.attest(_declaration(call.fields), call.by))

    declares = frozenset({"check", "owner", "until", "why"})
    return {
        "gbz.list": Verb(run=listed),
        "gbz.show": Verb(fields=frozenset({"check"}), run=show),
        "gbz.report": Verb(fields=frozenset({"format", "language", "connect"}), run=report),
        "gbz.waive": Verb(fields=declares, changes=True, target=_name, told=_DECLARED, run=waive),
        "gbz.end-waiver": Verb(
            fields=frozenset({"check", "why"}), changes=True, target=_name, told=_DECLARED, run=end_waiver
        ),
        "gbz.attest": Verb(fields=declares | {"not_met"}, changes=True, target=_name, told=_DECLARED, run=attest),
    }


def _name(fields: Request) -> str:
    return text_of(fields, "check") or ""


def _wish(fields: Request) -> Wish:
    form, language = text_of(fields, "format") or "json", text_of(fields, "language") or "nl"
    if form not in _FORMATS or language not in _LANGUAGES:
        raise wrong(f"format is one of {', '.join(_FORMATS)}, language one of {', '.join(_LANGUAGES)}")
    return Wish(is_page=form == "html", language=language, only_connecting=flag_of(fields, "connect"))


def _declaration(fields: Request) -> Declaration:
    return Declaration(
        check=_name(fields),
        owner=said_of(fields, "owner", "the owner"),
        statement=said_of(fields, "why", "the reason"),
        until=moment_of(fields, "until"),
        is_met=not flag_of(fields, "not_met"),
    )
