"""The figures for Prometheus."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.negotiated import Agreed
from edge_node.model.overview import Count, Overview
from edge_node.status.facts import CertificateFact, CertificateFilesFact, LinkFact, LocalFact
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import snapshot

from .doubles import facts


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry)


class TestCounts:
    def test_count_each_exchange_by_how_it_ended(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """The share of refusals shows a bad release of a local system within minutes."""
        metrics.handled(Direction.OUT, "push", "CA", 0.1)
        metrics.handled(Direction.OUT, "push", "CA", 0.1)
        labels = {"direction": "out", "kind": "push", "outcome": "CA"}
        assert registry.get_sample_value("edge_node_messages_total", labels) == 2

    def test_count_what_has_no_part_of_its_own_as_a_push(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """Rows the table gives no part are handled as pushes, so a graph of pushes must not miss them."""
        metrics.handled(Direction.OUT, "unset", "CA", 0.1)
        labels = {"direction": "out", "kind": "push", "outcome": "CA"}
        assert registry.get_sample_value("edge_node_messages_total", labels) == 1

    @pytest.mark.parametrize(
        ("outcome", "label"),
        [
            ("EN-NOT-SENT", "EN-NOT-SENT"),
            ("AE", "AE"),
            ("KEY205", "KEY205"),
            ("999911120", "other"),
            ("x" * 99, "other"),
        ],
    )
    def test_no_peer_can_make_labels(self, registry: CollectorRegistry, outcome: str, label: str) -> None:
        """Free text from outside would fill the memory of monitoring, and could name a patient."""
        Metrics(registry, frozenset({"KEY205"})).attempted(Direction.OUT, outcome, 1)
        labels = {"direction": "out", "outcome": label}
        assert registry.get_sample_value("edge_node_attempts_total", labels) == 1

    def test_count_what_was_negotiated_by_its_label(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """A graph of TLS 1.2 that ends is the day it can be turned off."""
        labels = {"side": "out", "role": "zim", "item": "version", "value": "TLSv1.2", "label": "sufficient"}
        metrics.negotiated(Agreed(**labels))
        assert registry.get_sample_value("edge_node_tls_negotiated_total", labels) == 1

    def test_no_message_can_make_kinds(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """The same for what a message calls itself."""
        metrics.handled(Direction.IN, "999911120", "AA", 1)
        labels = {"direction": "in", "kind": "other", "outcome": "AA"}
        assert registry.get_sample_value("edge_node_messages_total", labels) == 1

    def test_times_land_in_buckets(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """A median cannot be read off a sum."""
        metrics.handled(Direction.IN, "query", "AA", 0.2)
        labels = {"direction": "in", "kind": "query", "le": "0.25"}
        assert registry.get_sample_value("edge_node_exchange_seconds_bucket", labels) == 1

    def test_handovers_and_connections_are_counted(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """Many attempts for few messages is a line that fails."""
        metrics.attempted(Direction.OUT, "EN-OUTCOME-UNKNOWN", 20)
        metrics.connections("local", 3)
        tried = {"direction": "out", "outcome": "EN-OUTCOME-UNKNOWN"}
        assert registry.get_sample_value("edge_node_attempts_total", tried) == 1
        assert registry.get_sample_value("edge_node_connections", {"listener": "local"}) == 3

    def test_what_was_odd_about_messages_is_counted(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """A supplier whose messages are odd each time is seen before the switchboard gets strict."""
        metrics.warned(Direction.IN, "EN-ANSWER-FIELD")
        odd = {"direction": "in", "code": "EN-ANSWER-FIELD"}
        assert registry.get_sample_value("edge_node_warnings_total", odd) == 1

    def test_a_link_that_flaps_is_seen(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """Between two looks a line can be down and up again."""
        metrics.link_changed("switchboard", is_up=False)
        metrics.link_changed("switchboard", is_up=True)
        down = {"link": "switchboard", "to": "down"}
        assert registry.get_sample_value("edge_node_link_changes_total", down) == 1


class TestGauges:
    def test_show_the_queue_and_zero_where_it_is_empty(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """An alert on a queue can only end when the series goes to zero, not when it is gone."""
        counts = (Count(direction=Direction.OUT, state=State.HELD, messages=4, oldest_s=90),)
        metrics.show(snapshot(facts(queue=Overview(counts=counts))))
        metrics.show(snapshot(facts()))
        held = {"direction": "out", "state": "HELD"}
        assert registry.get_sample_value("edge_node_queue_messages", held) == 0
        assert registry.get_sample_value("edge_node_queue_oldest_seconds", held) == 0

    def test_show_the_link(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """Whether the centre is reachable is the first panel of every dashboard."""
        metrics.show(snapshot(facts(links=(LinkFact(peer="zim", is_open=True, connections=3),))))
        assert registry.get_sample_value("edge_node_link_breaker_open", {"peer": "zim"}) == 1
        assert registry.get_sample_value("edge_node_link_connections", {"peer": "zim"}) == 3
        assert registry.get_sample_value("edge_node_part_up", {"kind": "link", "name": "zim"}) == 0

    def test_show_the_days_a_certificate_has_left(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """The one alert every site sets; and whether the newest is shown at all."""
        now = facts()
        ends = now.at + timedelta(days=12)
        own = CertificateFact(identity="practice", not_after=ends, refused_until=ends)
        broken = CertificateFilesFact(broken=("key.pem: is no file",))
        metrics.show(snapshot(facts(certificates=(own,), certificate_files=broken)))
        of = {"identity": "practice"}
        assert registry.get_sample_value("edge_node_certificate_days_left", of) == 12
        assert registry.get_sample_value("edge_node_certificate_fell_back", of) == 1
        assert registry.get_sample_value("edge_node_certificate_files", {"state": "broken"}) == 1

    def test_forget_a_local_system_that_left(self, metrics: Metrics, registry: CollectorRegistry) -> None:
        """A system taken out of the settings must not alert for ever."""
        metrics.show(snapshot(facts(local_systems=(LocalFact(system="old", is_reachable=False),))))
        metrics.show(snapshot(facts()))
        assert registry.get_sample_value("edge_node_part_up", {"kind": "local system", "name": "old"}) is None

    def test_are_text_for_prometheus(self, metrics: Metrics) -> None:
        """The page names budget and start, so a leak and a restart can be seen."""
        metrics.show(snapshot(facts()))
        text = metrics.text().decode()
        assert "edge_node_budget_bytes 64.0" in text
        assert "edge_node_process_start_time_seconds" in text


class TestFirstLine:
    def test_is_a_state_that_a_monitor_can_watch(self) -> None:
        """One screen for 6,000 sites: the same state as the practice reads."""
        metrics = Metrics(CollectorRegistry(), frozenset())
        metrics.show(snapshot(facts(is_serving=False)))
        text = metrics.text().decode()
        assert 'edge_node_state{state="starting"} 1.0' in text
        assert 'edge_node_state{state="well"} 0.0' in text
        assert "edge_node_link_proven_time_seconds 0.0" in text
