"""The commands on certificates.

Knows: which verbs there are on certificates; each is in a file of its own, `cert_<verb>.py`.
Must not know: what they do.
"""

import rich_click as click

from edge_node.cli.cert_anchors import anchors
from edge_node.cli.cert_csr import csr
from edge_node.cli.cert_install import install
from edge_node.cli.cert_show import show
from edge_node.cli.cert_test import test
from edge_node.cli.cert_verify import verify


@click.group()
def cert() -> None:
    """Certificates: what is shown to the node, and what the node shows."""


_VERBS: tuple[click.Command, ...] = (csr, install, show, verify, test, anchors)
for _verb in _VERBS:
    cert.add_command(_verb)
