"""The floor under TLS, as the entry point of the node lays it, before any test loads OpenSSL."""

import os

from edge_node.wire.trust_floor import Profile, take_up

take_up(Profile.LSP_COMPAT, os.environ)
