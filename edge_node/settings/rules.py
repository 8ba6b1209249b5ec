"""The rules that hold between settings: each says which key is wrong and why.

Knows: what fits together and what does not.
Must not know: YAML, files, places in files.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from edge_node.settings.environment_rules import broken_environment
from edge_node.settings.fhir_rules import broken_fhir
from edge_node.settings.identities import ApplicationSettings
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import InteractionSettings
from edge_node.settings.token_rules import broken_tokens
from edge_node.settings.told_rules import broken_told
from edge_node.settings.tree import Steps
from edge_node.settings.values import is_loopback

Broken = tuple[Steps, str]


def broken(settings: Settings) -> Iterator[Broken]:
    """Yield everything that does not fit together."""
    for rule in _RULES:
        yield from rule(settings)


def _applications(settings: Settings) -> Iterator[tuple[Steps, ApplicationSettings]]:
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            yield ("identities", i, "applications", j), application


def _doubles(values: Iterable[tuple[Steps, str]], what: str) -> Iterator[Broken]:
    listed = list(values)
    counted = Counter(value for _, value in listed)
    seen: set[str] = set()
    for steps, value in listed:
        if counted[value] > 1 and value in seen:
            yield steps, f"this {what} is used twice"
        seen.add(value)


def _unique_names(settings: Settings) -> Iterator[Broken]:
    identities = list(enumerate(settings.identities))
    yield from _doubles(((("identities", i, "name"), item.name) for i, item in identities), "name")
    # Inbound, SNI selects the identity: two with one name could not be told apart.
    yield from _doubles(((("identities", i, "fqdn"), item.fqdn) for i, item in identities), "fqdn")
    yield from _doubles((((*steps, "id"), item.id) for steps, item in _applications(settings)), "application id")
    systems = enumerate(settings.local.systems)
    yield from _doubles(((("local", "systems", i, "name"), item.name) for i, item in systems), "name")
    peers = enumerate(settings.switchboard.peers)
    yield from _doubles(((("switchboard", "peers", i, "name"), item.name) for i, item in peers), "name")
    for steps, application in _applications(settings):
        if application.id == settings.switchboard.zim:
            yield (*steps, "id"), "is the application id of the switchboard itself (switchboard.zim)"


def _systems(settings: Settings) -> Iterator[Broken]:
    names = {system.name for system in settings.local.systems}
    used = {application.local_system for _, application in _applications(settings)}
    for steps, application in _applications(settings):
        if application.local_system not in names:
            yield (*steps, "local_system"), f"no local system has this name; there are {', '.join(sorted(names))}"
    for i, system in enumerate(settings.local.systems):
        if system.name not in used:
            yield ("local", "systems", i, "name"), "no application names this local system, so it may do nothing"
    yield from _credentials(settings)


def _credentials(settings: Settings) -> Iterator[Broken]:
    """A credential that two systems share proves nothing about which of them calls."""
    systems = list(enumerate(settings.local.systems))
    for key in ("certificate_fingerprints", "certificate_subjects", "unix_uids", "unix_users"):
        values = (
            (("local", "systems", i, key), str(value)) for i, system in systems for value in getattr(system, key)
        )
        yield from _doubles(values, "credential")
    users = ((("local", "systems", i, "basic", "user"), item.basic.user) for i, item in systems if item.basic)
    yield from _doubles(users, "user")
    asks = any(listener.tls and listener.tls.client_anchors for listener in settings.local.listeners)
    sockets = any(listener.unix_path for listener in settings.local.listeners)
    for i, system in systems:
        if (system.certificate_fingerprints or system.certificate_subjects) and not asks:
            yield (
                ("local", "systems", i),
                "has a client certificate, and no listener asks for one (tls.client_anchors)",
            )
        if (system.unix_uids or system.unix_users) and not sockets:
            yield ("local", "systems", i), "is known by its user, and no listener is a Unix socket (unix_path)"


def _waits(settings: Settings) -> Iterator[Broken]:
    waits, steps = settings.switchboard.waits, ("switchboard", "waits")
    for _, application in _applications(settings):
        for key, wait, end in (
            ("push_wait_s", waits.push_wait_s, "gives_up_after_push_s"),
            ("query_out_s", waits.query_out_s, "gives_up_after_query_s"),
        ):
            limit: float = getattr(application, end)
            if wait >= limit:
                yield (
                    (*steps, key),
                    f"is {wait:g}; it must be below {end} of application {application.id}, which is {limit:g}",
                )
    if waits.push_wait_s > waits.push_answer_s:
        yield (*steps, "push_wait_s"), "is longer than push_answer_s, after which nothing comes any more"
    for key in ("push_wait_s", "query_out_s"):
        if waits.connect_s >= getattr(waits, key):
            yield (*steps, "connect_s"), f"must be below {key}"


def _peers(settings: Settings) -> Iterator[Broken]:
    peers = settings.switchboard.peers
    if sum(peer.role == "zim" for peer in peers) != 1:
        yield ("switchboard", "peers"), "exactly one peer must have the role zim"
    for i, peer in enumerate(peers):
        if peer.role == "zim" and not peer.client_names:
            yield (
                ("switchboard", "peers", i),
                "client_names is empty, so the switchboard could not connect to the node",
            )


def _loopback(settings: Settings) -> Iterator[Broken]:
    if not is_loopback(settings.management.host):
        yield ("management", "host"), "is not a loopback address; management is never reachable from elsewhere"
    for steps, application in _applications(settings):
        bases = [("fhir_bases", base) for base in application.fhir_bases.values()]
        bases += [("soap_base", application.soap_base or "")]
        anchors_of = {"soap_base": "soap_anchors", "fhir_bases": application.fhir_anchors_key}
        for key, base in bases:
            parts = urlsplit(base)
            if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
                yield (*steps, key), "goes beyond loopback without TLS; use https"
            if parts.scheme == "https" and getattr(application, anchors_of[key]) is None:
                yield (*steps, key), f"needs {anchors_of[key]} to judge the local system's certificate"


def _kept(settings: Settings) -> Iterator[Broken]:
    for steps, application in _applications(settings):
        if application.renews_tokens and not application.told_by:
            yield (
                (*steps, "renews_tokens"),
                "makes no sense without told_by: the local system would never learn that it must sign again",
            )


def _interactions(settings: Settings) -> Iterator[Broken]:
    steps: Steps = ("switchboard", "interactions")
    declared = list(enumerate(settings.switchboard.interactions))
    yield from _doubles((((*steps, i, "id"), item.id) for i, item in declared), "interaction id")
    for i, item in declared:
        if item.id in settings.switchboard.in_use:
            yield (*steps, i, "id"), "stands under in_use as well; say it here, with active"
        # In FHIR there is no acceptAckCode: 202 says that it is kept.
        if item.keep and (item.pattern != "push" or not (item.fhir or item.accept_ack == "AL")):
            yield (
                (*steps, i, "keep"),
                "only a push with accept_ack AL can be kept: nobody else expects to be told later",
            )
        if item.inbound == "keep" and not item.keep:
            yield (*steps, i, "inbound"), "keep answers CA, so the interaction must be one with keep: true"
        yield from _answers((*steps, i), item)


def _answers(steps: Steps, declared: InteractionSettings) -> Iterator[Broken]:
    if declared.pattern in {"query", "push"} and not declared.fhir and not declared.answers:
        yield (*steps, "answers"), "is empty: whatever came back would belong to no question of this kind"
    if declared.refusal is not None and declared.refusal not in declared.answers:
        yield (*steps, "refusal"), "must be one of answers"


def _pauses(settings: Settings) -> Iterator[Broken]:
    store = settings.store
    if store.metadata_retention_s < store.memory_retention_s:
        yield ("store", "metadata_retention_s"), "is shorter than memory_retention_s, whose copies it must explain"
    retry = settings.store.retry
    if retry.first_pause_s > retry.longest_pause_s:
        yield ("store", "retry", "first_pause_s"), "is longer than longest_pause_s"
    breaker = settings.store.destination_breaker
    if breaker.probe_s > breaker.longest_probe_s:
        yield ("store", "destination_breaker", "probe_s"), "is longer than longest_probe_s"


def _ports(settings: Settings) -> Iterator[Broken]:
    """Two listeners on one port: the second would fail at start, or answer in the place of the first."""
    listen, management = settings.switchboard.listen, settings.management
    listed: list[tuple[Steps, str, int]] = [
        (("local", "listeners", i, "port"), item.host, item.port)
        for i, item in enumerate(settings.local.listeners)
        if item.host is not None and item.port is not None
    ]
    listed.append((("switchboard", "listen", "port"), listen.host, listen.port))
    listed.append((("management", "port"), management.host, management.port))
    for position, (steps, host, port) in enumerate(listed):
        for _, other, taken in listed[:position]:
            if port == taken != 0 and (host == other or {host, other} & {"0.0.0.0", "::"}):  # noqa: S104
                yield steps, f"port {port} is taken by another listener of these settings"
                break


_RULES: Final = (
    _unique_names,
    _systems,
    _waits,
    _peers,
    broken_environment,
    _loopback,
    _kept,
    _interactions,
    _pauses,
    _ports,
    broken_fhir,
    broken_told,
    broken_tokens,
)
