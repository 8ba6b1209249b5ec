"""The settings as the line sees them: a `Site`, and the table of interactions as this site has it.

Knows: which setting becomes which noun.
Must not know: how settings are written, or what the line does with them.
"""

from collections.abc import Iterator
from dataclasses import fields, replace

from edge_node.model.deviation import Deviation, Way
from edge_node.model.fhir import TokenMode
from edge_node.model.identifiers import ApplicationId, InteractionId, Ura
from edge_node.model.interaction import AttentionRule, Catalogue, Inbound, Interaction, Pattern, TrustLevel
from edge_node.model.site import Application, Environment, Identity, MessageChecks, Site, Timing
from edge_node.settings.identities import ApplicationSettings, IdentitySettings
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import InteractionSettings
from edge_node.settings.tree import Steps


def site(settings: Settings) -> Site:
    """Return the site that these settings describe."""
    waits = settings.switchboard.waits
    applications = (_application(item, of.name) for of in settings.identities for item in of.applications)
    return Site(
        node_id=settings.node.id,
        environment=Environment(settings.node.environment),
        zim=ApplicationId(settings.switchboard.zim),
        identities={item.name: _identity(item) for item in settings.identities},
        applications={application.id: application for application in applications},
        timing=Timing(
            connect_s=waits.connect_s,
            push_wait_s=waits.push_wait_s,
            push_answer_s=waits.push_answer_s,
            query_out_s=waits.query_out_s,
            query_in_s=waits.query_in_s,
        ),
        processing_codes=frozenset(settings.checks.processing_codes),
        kept_detail=settings.local.kept_detail,
        bulk_per_s=settings.store.bulk_per_s,
        checks=_message_checks(settings),
    )


def _message_checks(settings: Settings) -> MessageChecks:
    checks, limits = settings.checks, settings.checks.limits
    return MessageChecks(
        card_out_s=limits.card_out_s,
        session_idle_s=limits.session_idle_s,
        session_age_s=limits.session_age_s,
        roles={name: frozenset(roles) for name, roles in checks.roles.items()},
        test_bsns=checks.test_bsns,
    )


def _identity(written: IdentitySettings) -> Identity:
    return Identity(name=written.name, ura=Ura(written.ura), organisation=written.organisation, fqdn=written.fqdn)


def _application(written: ApplicationSettings, identity: str) -> Application:
    return Application(
        id=ApplicationId(written.id),
        name=written.name,
        identity=identity,
        local_system=written.local_system,
        interactions=None if written.interactions is None else frozenset(written.interactions),
        soap_base=written.soap_base,
        renews_tokens=written.renews_tokens,
        told_by=frozenset(written.told_by),
        gives_up_after_push_s=written.gives_up_after_push_s,
        gives_up_after_query_s=written.gives_up_after_query_s,
        fhir_bases=dict(written.fhir_bases),
        fhir_tokens=TokenMode(written.fhir_tokens),
        server_signed=frozenset(written.server_signed),
        product=written.product or "",
        product_version=written.version or "",
    )


def catalogue(settings: Settings, table: Catalogue) -> Catalogue:
    """Return the table with what this site declares, retires or revives, with its own addresses and lifetimes."""
    rows = dict(table)
    for written in settings.switchboard.interactions:
        rows[written.id] = declared(written)
    for name, is_in_use in settings.switchboard.in_use.items():
        if name in rows:
            rows[name] = replace(rows[name], active=is_in_use)
    for service in settings.switchboard.services:
        if service.interaction in rows:
            row = rows[service.interaction]
            rows[service.interaction] = replace(row, service=service.service, soap_action=service.soap_action)
    for name, lifetime_s in settings.store.lifetimes_s.items():
        if name in rows:
            rows[name] = replace(rows[name], lifetime_s=int(lifetime_s))
    return rows


def deviations(settings: Settings, table: Catalogue) -> tuple[Deviation, ...]:
    """Return the interactions that are otherwise at this site than in the table, by id; without addresses, lifetimes.

    A line of the settings that says what the table says already is none.
    """
    rows = catalogue(settings, table)
    here = {item.id for item in settings.switchboard.interactions}
    found = []
    for name in sorted(here | set(settings.switchboard.in_use)):
        way = _way(table.get(name), rows[name], is_declared=name in here) if name in rows else None
        if way is not None:
            columns = _changed(table[name], rows[name]) if name in here & set(table) else ()
            found.append(Deviation(id=InteractionId(name), way=way, columns=columns))
    return tuple(found)


def _way(before: Interaction | None, after: Interaction, *, is_declared: bool) -> Way | None:
    if before is None:
        return Way.DECLARED
    if before.active != after.active:
        return Way.REVIVED if after.active else Way.RETIRED
    return Way.REPLACED if is_declared else None


def _changed(before: Interaction, after: Interaction) -> tuple[str, ...]:
    names = (field.name for field in fields(Interaction) if field.name not in {"id", "group"})
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def unknown_interactions(settings: Settings, table: Catalogue) -> tuple[tuple[Steps, str], ...]:
    """Return complaints on interactions that the settings name and that are in no table."""
    known = set(table) | {item.id for item in settings.switchboard.interactions}
    return tuple(
        (steps, "this interaction is in no table; declare it under switchboard.interactions")
        for steps, name in _named(settings)
        if name not in known
    )


def retired_interactions(settings: Settings, table: Catalogue) -> tuple[tuple[Steps, str], ...]:
    """Return what the settings let an application exchange that is refused all the same: it is no longer in use.

    An application may go on saying what its system was qualified for, so this is no complaint.
    """
    rows = catalogue(settings, table)
    return tuple(
        (steps, f"{name} is no longer in use, so it is refused; switchboard.in_use can bring it back")
        for steps, name in _of_applications(settings)
        if name in rows and not rows[name].active
    )


def _of_applications(settings: Settings) -> Iterator[tuple[Steps, str]]:
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            for k, name in enumerate(application.interactions or ()):
                yield ("identities", i, "applications", j, "interactions", k), name


def _named(settings: Settings) -> Iterator[tuple[Steps, str]]:
    yield from _of_applications(settings)
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            for k, name in enumerate(application.server_signed):
                yield ("identities", i, "applications", j, "server_signed", k), name
    for i, service in enumerate(settings.switchboard.services):
        yield ("switchboard", "services", i, "interaction"), service.interaction
    for i, declared in enumerate(settings.switchboard.interactions):
        for j, name in enumerate(declared.answers):
            yield ("switchboard", "interactions", i, "answers", j), name
    for name in settings.switchboard.in_use:
        yield ("switchboard", "in_use", name), name
    for name in settings.store.lifetimes_s:
        yield ("store", "lifetimes_s", name), name
    for name in settings.checks.roles:
        yield ("checks", "roles", name), name


def declared(written: InteractionSettings) -> Interaction:
    """Return the row that a declaration stands for."""
    return Interaction(
        id=InteractionId(written.id),
        meaning=written.meaning,
        group="site",
        pattern=Pattern(written.pattern),
        level=TrustLevel(written.level),
        direct=written.direct,
        active=written.active,
        attention=AttentionRule(written.attention),
        accept_ack=written.accept_ack,
        answers=tuple(InteractionId(answer) for answer in written.answers),
        trigger_event=written.trigger_event or "",
        fhir=written.fhir,
        keep=written.keep,
        inbound=Inbound(written.inbound),
        lifetime_s=written.lifetime_s,
        order=written.order,
        priority=written.priority,
        patient_at=written.patient_at,
        duplicates=written.duplicates,
        consent=written.consent,
        service=written.service,
        soap_action=written.soap_action,
        batch_service=written.batch_service,
        batch_soap_action=written.batch_soap_action,
        refusal=None if written.refusal is None else InteractionId(written.refusal),
        repeatable=written.repeatable,
    )
