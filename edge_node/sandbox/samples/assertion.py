"""Writes one transaction token for a FHIR request to standard output, base64url, to be sent by hand.

Knows: the options.
Must not know: what a token holds.
"""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from edge_node.sandbox.samples.fhir import FhirMaker, fhir_kinds
from edge_node.sandbox.samples.making import nobody
from edge_node.sandbox.samples.people import party_of, patient
from edge_node.sandbox.signing import hands_of


@click.command()
@click.argument("kind", type=click.Choice(sorted(fhir_kinds())))
@click.option("--sender", default="80000001", help="Application id of the sender.")
@click.option("--patient", "who", default=7, help="Rank of the invented patient.")
@click.option("--cards", type=click.Path(path_type=Path), help="Folder `cards` of a sandbox PKI, to sign with.")
def main(kind: str, sender: str, who: int, cards: Path | None) -> None:
    """Write a new transaction token for a request of KIND."""
    maker = FhirMaker(party_of(sender), now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    maker.signing(nobody if cards is None else hands_of(cards))
    sys.stdout.write(maker.transaction_token(maker.request(fhir_kinds()[kind], patient(who))) + "\n")


if __name__ == "__main__":
    main()
