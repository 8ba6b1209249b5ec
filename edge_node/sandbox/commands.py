"""The commands of the sandbox: the simulated switchboard and local system, each usable alone.

Knows: their options.
Must not know: what they do. The reactor is imported only when one runs.
"""

from pathlib import Path

import rich_click as click

_PATH = click.Path(path_type=Path)


def _route(text: str) -> tuple[str, tuple[str, int, str]]:
    """Read `APPLICATION=HOST:PORT,NAME`."""
    try:
        application, place = text.split("=", 1)
        address, name = place.split(",", 1)
        host, port = address.rsplit(":", 1)
        return application, (host, int(port), name)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not APPLICATION=HOST:PORT,NAME") from None


@click.command("switchboard")
@click.option("--pki", type=_PATH, required=True, help="Directory made by `edge-node sandbox pki`.")
@click.option("--ledger", type=_PATH, required=True, help="File of JSON lines it appends to.")
@click.option("--route", "routes", multiple=True, metavar="APP=HOST:PORT,NAME", help="Where an application is.")
@click.option("--port", default=0, help="Port of the mutual TLS listener; 0 lets the system choose.")
@click.option("--broker-port", default=0, help="Port of its broker of FHIR requests.")
@click.option("--authorisation-port", default=0, help="Port of its authorisation server.")
@click.option("--control-port", default=0, help="Port of the control door on loopback.")
def switchboard(pki: Path, ledger: Path, routes: tuple[str, ...], **ports: int) -> None:
    """Run a simulated switchboard: routes, batches, legs, index, FHIR, one-time tokens, faults, a ledger."""
    from twisted.internet import reactor

    from edge_node.sandbox.fhir_parties import FhirPorts
    from edge_node.sandbox.nodes import Route
    from edge_node.sandbox.serving import serve
    from edge_node.sandbox.switchboard_process import SwitchboardOptions, SwitchboardProcess

    read = dict(_route(text) for text in routes)
    table = {application: Route(host=host, port=at, name=name) for application, (host, at, name) in read.items()}
    fhir = FhirPorts(broker=ports["broker_port"], authorisation=ports["authorisation_port"])
    options = SwitchboardOptions(
        pki=pki, ledger=ledger, routes=table, port=ports["port"], control_port=ports["control_port"], fhir=fhir
    )
    serve(reactor, SwitchboardProcess(reactor, options))


@click.command("his")
@click.option("--application", required=True, help="Its AORTA application id.")
@click.option("--ledger", type=_PATH, required=True, help="File of JSON lines it appends to.")
@click.option("--node", required=True, metavar="URL", help="The node's local door, http://127.0.0.1:PORT.")
@click.option("--bearer-file", type=_PATH, required=True, help="File with the bearer secret for that door.")
@click.option("--key-file", type=_PATH, help="File with the key in the addresses of the FHIR mirror.")
@click.option("--cards", type=_PATH, help="Folder `cards` of a sandbox PKI: its people sign with theirs.")
@click.option("--port", default=0, help="Port of its own services; 0 lets the system choose.")
@click.option("--control-port", default=0, help="Port of the control door on loopback.")
@click.option("--misbehave", type=click.Choice(["drop", "double", "swap"]), help="Account for one push wrongly.")
def his(
    application: str,
    ledger: Path,
    node: str,
    bearer_file: Path,
    key_file: Path | None,
    cards: Path | None,
    misbehave: str | None,
    **ports: int,
) -> None:
    """Run a simulated HIS or AIS: it answers queries, takes pushes, sends both, and keeps a ledger."""
    from twisted.internet import reactor

    from edge_node.sandbox.his import Misbehaviour
    from edge_node.sandbox.his_process import HisOptions, HisProcess
    from edge_node.sandbox.serving import serve

    secret = bearer_file.read_text(encoding="utf-8").strip()
    options = HisOptions(
        application=application, ledger=ledger, node=node, authorization=f"Bearer {secret}",
        key=key_file.read_text(encoding="utf-8").strip() if key_file else "",
        misbehaviour=Misbehaviour(misbehave) if misbehave else None, port=ports["port"],
        control_port=ports["control_port"], cards=cards,
    )  # fmt: skip
    serve(reactor, HisProcess(reactor, options))


@click.group()
def parties() -> None:
    """The parties of the sandbox."""


parties.add_command(switchboard)
parties.add_command(his)

if __name__ == "__main__":
    parties()
