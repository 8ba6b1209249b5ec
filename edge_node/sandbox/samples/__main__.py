"""Writes one sample message to standard output, to be posted by hand.

Knows: the options.
Must not know: what a sample looks like.
"""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.making import Maker, nobody
from edge_node.sandbox.samples.people import party_of, patient
from edge_node.sandbox.signing import hands_of


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--sender", default="80000001", help="Application id of the sender.")
@click.option("--receiver", default="1", help="Application id of the receiver; 1 is the switchboard.")
@click.option("--patient", "who", default=7, help="Rank of the invented patient.")
@click.option("--cards", type=click.Path(path_type=Path), help="Folder `cards` of a sandbox PKI, to sign with.")
def main(kind: str, sender: str, receiver: str, who: int, cards: Path | None) -> None:
    """Write a new message of KIND."""
    maker = Maker(party_of(sender), zim="1", now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    maker.signing(nobody if cards is None else hands_of(cards))
    sys.stdout.buffer.write(maker.request(kind, receiver=receiver, patient=patient(who)).body + b"\n")


if __name__ == "__main__":
    main()
