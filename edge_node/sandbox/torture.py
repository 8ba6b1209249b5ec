"""Pushes from many senders while the node is killed again and again, and the ledgers compared.

Knows: the steps.
Must not know: how a party is started, or a ledger compared.
"""

import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import rich_click as click

from edge_node.sandbox.demo import Options, drain, kill_at_random, send, wait_sent
from edge_node.sandbox.result import Result
from edge_node.sandbox.stage import Stage
from edge_node.sandbox.telling import Teller


def torture(stage: Stage, options: Options, teller: Teller) -> Result:
    """Send, kill meanwhile, wait until all has arrived, compare."""
    begun = time.monotonic()
    with teller.step("certificates, switchboard, HIS, AIS, and the node"):
        stage.start()
    with teller.step(f"{options.pushes} pushes from {options.senders} senders, {options.kills} kills") as step:
        send(stage, options)
        killer = threading.Thread(target=kill_at_random, args=(stage, options.kills, random.SystemRandom().random))
        killer.start()
        wait_sent(stage, options, step)
        killer.join()
    with teller.step("the queue drains") as step:
        comparison = drain(stage, options, step)
    return Result(comparison=comparison, kills=len(stage.kills), seconds=time.monotonic() - begun)


@click.command()
@click.option("--pushes", default=2000, help="Pushes in all.")
@click.option("--senders", default=16, help="Senders at the same time.")
@click.option("--kill", "kills", default=5, help="How often the node is killed with signal 9.")
@click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object.")
def main(pushes: int, senders: int, kills: int, as_json: bool) -> None:
    """Try whether the node loses, doubles or swaps anything when it is killed."""
    teller, folder = Teller(json=as_json), Path(tempfile.mkdtemp(prefix="edge-node-torture-"))
    with Stage(folder=folder) as stage:
        result = torture(stage, Options(pushes=pushes, senders=senders, kills=kills), teller)
    teller.show(result)
    if result.is_good:
        shutil.rmtree(folder)
    else:
        teller.say(f"Ledgers and logs are in {folder}")
    raise SystemExit(0 if result.is_good else 1)


if __name__ == "__main__":
    main()
