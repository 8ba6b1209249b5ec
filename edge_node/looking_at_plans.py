"""What there is to see of what a site announced, signed and chose, and of how quick its disk is.

Knows: where each stands in the settings, who is sent something.
Must not know: what makes any of it good.
"""

from collections.abc import Iterator
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from edge_node.looking_ground import Ground, at_hand
from edge_node.model.facts_planned import Destination, MaintenanceFacts, SignatureFacts, Window
from edge_node.model.facts_time import PaceFacts
from edge_node.policy import check_planned, check_time
from edge_node.probes import signatures, syncing
from edge_node.probing import Look
from edge_node.settings.schema import Settings
from edge_node.settings.values import is_loopback

_TIMES: Final = 5
#: The folder of the backups has no host.
_BACKUP: Final = "backup"


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    def planned() -> MaintenanceFacts:
        return MaintenanceFacts(at=ground.machine.clock.moment(), windows=windows_of(ground.settings))

    async def signed() -> SignatureFacts:
        layers, signers = ground.in_force.layers, ground.settings.checks.signers
        found = await ground.peek(lambda: signatures.look(layers, signers)) if signers else ()
        return SignatureFacts(signatures=found, is_used=bool(signers))

    async def pace() -> PaceFacts:
        folder, monotonic = ground.in_force.started_with.store_path.parent, ground.machine.clock.monotonic
        times_s = await ground.peek(lambda: syncing.sync_times_s(folder, _TIMES, monotonic))
        return PaceFacts(sync_s=median(times_s), file_system=await ground.peek(lambda: syncing.file_system(folder)))

    return (
        Look(name="maintenance", see=at_hand(planned), rules={"maintenance-window": check_planned.maintenance}),
        Look(name="signatures", see=signed, rules={"config-signature": check_planned.signatures}),
        Look(
            name="destinations",
            see=at_hand(lambda: destinations_of(ground.settings)),
            rules={"data-residency": check_planned.residency},
        ),
        Look(name="pace", see=pace, rules={"throughput-selftest": check_time.pace}, is_seldom=True),
    )


def windows_of(settings: Settings) -> tuple[Window, ...]:
    """The maintenance that was announced."""
    return tuple(
        Window(
            what=one.what,
            announced=one.moment("announced"),
            begins=one.moment("begins"),
            ends=one.moment("ends"),
        )
        for one in settings.checks.maintenance
    )


def destinations_of(settings: Settings) -> tuple[Destination, ...]:
    """Who is sent something besides the care network, with the country that the settings say."""
    countries = settings.network.countries
    return tuple(
        Destination(purpose=purpose, host=host, country=countries.get(host, ""), is_here=is_loopback(host))
        for purpose, host in dict.fromkeys(_sent_to(settings))
    )


def _sent_to(settings: Settings) -> Iterator[tuple[str, str]]:
    alerts, revocation = settings.alerts, settings.revocation
    if alerts.mail is not None:
        yield "mail", alerts.mail.host
    called = [("alerts", alerts.webhook)]
    called += [(each.name, each.webhook) for of in settings.identities for each in of.applications]
    yield from ((f"webhook of {name}", _host(hook.url)) for name, hook in called if hook is not None)
    asked = (("revocation proxy", revocation.proxy), ("revocation mirror", revocation.mirror))
    yield from ((purpose, _host(address)) for purpose, address in asked if address is not None)
    if settings.store.backup.folder is not None:
        yield "backups", _BACKUP


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""
