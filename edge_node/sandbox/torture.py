"""Pushes from many senders while the node is killed again and again, and the ledgers compared.

Knows: the steps.
Must not know: how a party is started, or a ledger compared.
"""

import random
import sys
import time

import rich_click as click

from edge_node.sandbox.demo import Options, drain, play, send, wait_sent
from edge_node.sandbox.killing import Killer, new_seed
from edge_node.sandbox.result import Result
from edge_node.sandbox.stage import Stage
from edge_node.sandbox.telling import Teller


def torture(stage: Stage, options: Options, teller: Teller) -> Result:
    """Send, kill meanwhile, wait until all has arrived, compare."""
    begun = time.monotonic()
    teller.say(f"seed {options.seed}")
    with teller.step("certificates, switchboard, HIS, AIS, and the node"):
        stage.start()
    with teller.step(f"{options.pushes} pushes from {options.senders} senders, {options.kills} kills") as step:
        send(stage, options)
        wait_sent(stage, options, step, Killer(stage.kill_node, options.kills, random.Random(options.seed)))
    with teller.step("the queue drains") as step:
        comparison = drain(stage, options, step)
    result = Result(comparison=comparison, kills=len(stage.kills), seconds=time.monotonic() - begun)
    teller.show(result)
    return result


@click.command()
@click.option("--pushes", type=click.IntRange(1), default=2000, help="Pushes in all.")
@click.option("--senders", type=click.IntRange(1), default=16, help="Senders at the same time.")
@click.option(
    "--kill", "kills", type=click.IntRange(0), default=5, help="How often the node is killed with signal 9."
)
@click.option(
    "--seed", type=int, help="Of the moments of the kills; one that was printed before, to kill there again."
)
@click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object.")
def main(pushes: int, senders: int, kills: int, seed: int | None, as_json: bool) -> None:
    """Try whether the node loses, doubles or swaps anything when it is killed; end with 1 if it does."""
    chosen = new_seed() if seed is None else seed
    options = Options(pushes=pushes, senders=senders, kills=kills, seed=chosen)
    teller = Teller(json=as_json)
    try:
        code = play(lambda stage: torture(stage, options, teller), teller)
    except KeyboardInterrupt:
        teller.say("stopped")
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
