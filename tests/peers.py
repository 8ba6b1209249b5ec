"""Peers for tests."""

from datetime import UTC, datetime

from edge_node.model.peer import PeerCertificate, SwitchboardCaller


def a_certificate() -> PeerCertificate:
    return PeerCertificate(
        serial="01",
        subject="CN=zim.example",
        organisation="Schakelpunt Test",
        issuer="CN=Test CA",
        issuer_common_name="Test CA",
        dns_names=("zim.example",),
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_after=datetime(2028, 1, 1, tzinfo=UTC),
        extended_key_usage=frozenset(),
    )


def a_switchboard_caller(identity: str) -> SwitchboardCaller:
    return SwitchboardCaller(
        name="zim", identity=identity, certificate=a_certificate(), roles=frozenset({"zim", "broker"})
    )
