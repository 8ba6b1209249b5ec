"""The limits on connections from one side, as an operator sets them.

Knows: what one connection, request head and body may take, in bytes, lines and seconds.
Must not know: how a limit is held.
"""

from edge_node.settings.values import Bytes, Count, Seconds, Section, setting


class ConnectionLimits(Section):
    """What the connections of one listener may take. The names are those of the HTTP server's limits."""

    header_bytes: Bytes = setting("Largest header section, in bytes.", 32_768)
    header_count: Count = setting("Most header lines.", 100)
    target_bytes: Bytes = setting("Longest address of a request, in bytes.", 4_096)
    header_time_s: Seconds = setting("Seconds for a header section, and for a TLS handshake.", 10.0)
    body_time_s: Seconds = setting("Seconds for a body.", 60.0)
    request_time_s: Seconds = setting("Seconds for a whole request, with its waits for memory.", 90.0)
    body_grace_s: Seconds = setting("Seconds after which a body must have come at body_bytes_per_s.", 10.0)
    body_bytes_per_s: Bytes = setting("Slowest pace of a body, in bytes a second.", 1_024)
    budget_wait_s: Seconds = setting("Seconds a body waits for room in max_inflight_bytes.", 10.0)
    write_stall_s: Seconds = setting("Seconds in which the other side takes nothing of an answer.", 30.0)
    idle_s: Seconds = setting("Seconds a connection may be silent between two requests.", 75.0)
    linger_s: Seconds = setting("Seconds a refused sender may go on sending, so that it reads why.", 3.0)
    connections: Count = setting("Connections of a listener at once.", 1_000)
    connections_per_peer: Count = setting("Connections of a listener at once from one address.", 500)
    requests: Count = setting("Requests on one connection.", 10_000)
