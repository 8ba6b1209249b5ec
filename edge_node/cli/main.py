"""The command `edge-node`: the tree of its verbs.

Knows: which verbs there are.
Must not know: what they do; each module imports what it needs only when its verb runs, so that help is quick.
"""

import rich_click as click

from edge_node import __version__
from edge_node.cli.backup import backup
from edge_node.cli.cert import cert
from edge_node.cli.command import EdgeNodeGroup
from edge_node.cli.floor import stand_on_default
from edge_node.cli.gbz import gbz
from edge_node.cli.inbox import inbox
from edge_node.cli.log import log
from edge_node.cli.queue import queue
from edge_node.cli.recovery import recovery_key
from edge_node.cli.repair import check_store, repair
from edge_node.cli.restore import restore
from edge_node.cli.restored import restored
from edge_node.cli.sandbox import demo, sandbox
from edge_node.cli.selftest import selftest
from edge_node.cli.service import check, run, version
from edge_node.cli.status import status
from edge_node.cli.store import store
from edge_node.cli.support import support_bundle


@click.group(
    cls=EdgeNodeGroup,
    no_args_is_help=False,  # a script that lost its verb must not read success or help
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="edge-node")
def main() -> None:
    """The edge node stands between a care provider's own system and the national switchboard (LSP)."""
    stand_on_default()


_VERBS = (
    run,
    check,
    status,
    queue,
    inbox,
    log,
    backup,
    restore,
    restored,
    recovery_key,
    store,
    cert,
    gbz,
    support_bundle,
    selftest,
    sandbox,
    demo,
    version,
)
for _verb in _VERBS:
    main.add_command(_verb)


for _verb in (check_store, repair):
    queue.add_command(_verb)


if __name__ == "__main__":
    main()
