"""What people can try on a demo that is left running.

Knows: the addresses of its parties, curl, and how this program is called.
Must not know: what the answers will be.

Every line is for pasting: it runs as it stands in a shell that knows nothing of this program or its environment.
"""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge_node.formats.fhir_patients import BSN_SYSTEM
from edge_node.sandbox.samples.people import patient
from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import Stage

_ROOT = Path(__file__).parents[2]


def recipes(stage: Stage) -> str:
    """Return the commands to try, one block a subject."""
    ready = {program.name: program.ready for program in stage.programs()}
    local = f"http://{ready['node']['local']}"
    return "\n".join([
        "",
        f"Everything runs; Ctrl-C stops it. Ledgers and logs: {stage.folder}",
        *_shell_values(stage, local),
        *_control_doors(ready),
        *_by_hand(stage, local),
        *_fhir(stage, local, ready),
        *_looking(stage, f"http://{ready['node']['management']}"),
    ])  # fmt: skip


def _shell_values(stage: Stage, local: str) -> list[str]:
    key = (stage.folder / f"{HIS.name}.key").read_text(encoding="utf-8")
    return [
        "",
        "# for the recipes of docs/how-to/send-with-curl-and-zeep.md",
        f"address={local}/k/{key}",
        f"sender={HIS.party.application}",
        f"receiver={AIS.party.application}",
    ]


def _control_doors(ready: dict[str, dict[str, object]]) -> list[str]:
    his, switchboard = (f"http://127.0.0.1:{ready[name]['control']}" for name in (HIS.name, "switchboard"))
    push = f'{{"kind": "prescription", "receiver": "{AIS.party.application}", "patient": 7}}'
    return [
        "",
        "# let the HIS send a push to the pharmacy, and a query",
        _post(f"{his}/one", push),
        _post(f"{his}/one", '{"kind": "dispense-query", "patient": 7}'),
        "",
        "# cut the line, hand in a push that is kept meanwhile, and restore the line",
        _post(f"{switchboard}/line", '{"cut": true}'),
        _post(f"{his}/one", push),
        _post(f"{switchboard}/line", '{"cut": false}'),
        "",
        "# the next message that reaches the switchboard meets a fault: slow, reset-before, reset-after, no-answer,",
        "# fault, duplicate, out-of-order, RTEDEST, bad-xml, wrong-id, wrong-patient, token-used, truncated,",
        "# expired-certificate",
        _post(f"{switchboard}/faults", '{"name": "reset-after"}'),
        _post(f"{his}/one", push),
    ]


def _by_hand(stage: Stage, local: str) -> list[str]:
    message, changed = stage.folder / "message.xml", stage.folder / "changed.xml"
    secret = (stage.folder / f"{HIS.name}.secret").read_text(encoding="utf-8")
    post = (
        f"curl -sS -i {local}/VoorschriftVersturen -H {shlex.quote(f'Authorization: Bearer {secret}')}"
        " -w '\\n' -H 'Content-Type: text/xml; charset=utf-8'"
        """ -H 'SOAPAction: "urn:hl7-org:v3/VoorschriftVersturen_Versturen"'"""
    )
    sample = f"{_python('edge_node.sandbox.samples')} prescription --patient 8 --receiver {AIS.party.application}"
    return [
        "",
        "# a push by hand; send it twice: the second time the first answer comes again, and the receiver has it once",
        f"{sample} > {_quoted(message)}",
        f"{post} --data-binary @{_quoted(message)}",
        f"tail -n 1 {_quoted(stage.folder / f'{AIS.name}.ledger')}",
        "",
        "# the same message id with other content: EN-ID-REUSED",
        f"sed 's/XXX_/YYY_/' {_quoted(message)} > {_quoted(changed)}",
        f"{post} --data-binary @{_quoted(changed)}",
    ]


def _fhir(stage: Stage, local: str, ready: dict[str, dict[str, object]]) -> list[str]:
    his, switchboard = (f"http://127.0.0.1:{ready[name]['control']}" for name in (HIS.name, "switchboard"))
    bases = {
        one.name: f"{local}/k/{(stage.folder / f'{one.name}.key').read_text(encoding='utf-8')}/fhir"
        for one in (HIS, AIS)
    }
    task, answer = stage.folder / "task.json", "-w '\\n' -H 'Accept: application/fhir+json'"
    cards = _quoted(stage.folder / "pki" / "cards")
    token = f"{_python('edge_node.sandbox.samples.assertion')} fhir-create-task --patient 8 --cards {cards}"
    own = f'{{"application": "{AIS.party.application}", "patient": 8}}'
    return [
        "",
        "# FHIR: what the site can do, asked of the switchboard",
        f"curl -sS {bases[HIS.name]}/R4/metadata {answer}",
        "",
        "# a task by hand, with a transaction token that the node exchanges for an access token; send it twice: the",
        "# second time the first answer comes again",
        f"printf %s {shlex.quote(_task())} > {_quoted(task)}",
        'id="initialRequestID=$(cat /proc/sys/kernel/random/uuid); requestID=$(cat /proc/sys/kernel/random/uuid)"',
        f"curl -sS -i {bases[HIS.name]}/R4/Task {answer} -H 'Content-Type: application/fhir+json'"
        f' -H "AORTA-ID: $id" -H "Edge-Node-Transaction-Token: $({token})" --data-binary @{_quoted(task)}',
        "",
        "# a search by the pharmacy, which brings an access token of its own; it lives for 20 seconds",
        f"bearer=$({_post(f'{switchboard}/token', own)} | cut -d '\"' -f 4)",
        f"curl -sS -i '{bases[AIS.name]}/Task?patient.identifier={BSN_SYSTEM}%7C{patient(8).bsn}' {answer}"
        ' -H "Authorization: Bearer $bearer"',
        "",
        "# the same by the HIS itself; faults of FHIR: slow, reset-before, reset-after, no-answer, fault, duplicate,",
        "# RTEDEST, bad-json, wrong-patient, token-used, truncated, expired-certificate",
        _post(f"{switchboard}/faults", '{"name": "reset-after", "interaction": "create:Task:2.0:request"}'),
        _post(f"{his}/fhir", '{"kind": "fhir-create-task", "patient": 9}'),
    ]


def _task() -> str:
    who = {"identifier": {"system": BSN_SYSTEM, "value": patient(8).bsn}}
    return json.dumps({"resourceType": "Task", "status": "requested", "intent": "proposal", "for": who})


def _looking(stage: Stage, management: str) -> list[str]:
    config = f"--config {_quoted(stage.folder / 'site.yaml')}"
    return [
        "",
        "# how the node is, and what it holds",
        f"curl -sS {management}/readyz",
        f"curl -sS {management}/metrics",
        f"{_edge_node()} status {config}",
        f"{_edge_node()} queue list {config}",
    ]


def _post(url: str, body: str) -> str:
    return f"curl -sS {url} -d {shlex.quote(body)}"


def _edge_node() -> str:
    """The command where it is installed beside this interpreter, else its module."""
    installed = Path(sys.executable).with_name("edge-node")
    return _quoted(installed) if _is_installed() and installed.exists() else _python("edge_node.cli.main")


def _python(module: str) -> str:
    # Run from a checkout, the package is found only from the folder in which it lies.
    found = "" if _is_installed() else f"PYTHONPATH={_quoted(_ROOT)} "
    return f"{found}{_quoted(Path(sys.executable))} -m {module}"


def _is_installed() -> bool:
    try:
        version("edge-node")
    except PackageNotFoundError:
        return False
    return True


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
