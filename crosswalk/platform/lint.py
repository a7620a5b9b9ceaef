"""Checks that need more than one file: names that must exist elsewhere, codes that must be defined, approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crosswalk.domain import predicates, qualification
from crosswalk.domain.handoff import PARTS
from crosswalk.domain.labels import key as label_key
from crosswalk.domain.outbound import PACKAGE
from crosswalk.domain.outcomes import OUTCOME
from crosswalk.domain.places import STATES
from crosswalk.domain.schema import FEEDBACK, IDENTIFIED, LEAD, QUALIFIED, ROUTED, S, Type, dtypes
from crosswalk.errors import ConfigError

if TYPE_CHECKING:
    from crosswalk.domain.predicates import Predicate
    from crosswalk.platform.catalog import Catalog
    from crosswalk.platform.located import KeyPath, Located

SHAPED: Mapping[str, Type] = dtypes(LEAD)
IDENTIFIED_LEAD: Mapping[str, Type] = dtypes(LEAD, IDENTIFIED)
BEFORE_ROUTE: Mapping[str, Type] = {**dtypes(LEAD, IDENTIFIED, QUALIFIED), "territory": S, "territory_level": S}
PACKAGED: Mapping[str, Type] = {**dict.fromkeys(PARTS, S), **BEFORE_ROUTE, **dtypes(ROUTED, PACKAGE)}
RETURNED: Mapping[str, Type] = dtypes(OUTCOME)
FED_BACK: Mapping[str, Type] = dtypes(FEEDBACK)
CODE_LISTS = ("crm_status", "disposition", "meeting_outcome", "reason", "service_line", "specialty", "stage", "status")
"""Code lists that the rules themselves rely on."""


def problems(catalog: Catalog) -> Iterator[ConfigError]:
    """Yield every mistake that one file alone cannot show."""
    missing = [name for name in CODE_LISTS if name not in catalog.codes]
    if missing:  # what follows could not be judged
        folder = catalog.home / "mappings" / "codes"
        yield from (ConfigError(f"code list {name!r} is missing", file=folder) for name in missing)
        return
    yield from _definitions(catalog)
    yield from _code_lists(catalog)
    yield from _registries(catalog)
    yield from _mappings(catalog)
    yield from _lead_types(catalog)
    yield from _qualification(catalog)
    yield from _graph(catalog)
    yield from _outcomes(catalog)
    yield from _handoff(catalog)
    yield from _routing(catalog)


def _definitions(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["definitions"]
    for missing in catalog.definitions.unapproved():
        yield file.error(("approved_by",), f"approval policy {catalog.definitions.approval!r}: {missing}")
    listed = catalog.located["connections"]
    for index, connection in enumerate(catalog.located["connections"].data["connections"]):
        if int(connection.get("max_class", 2)) > 2 and not connection.get("baa"):
            yield listed.error(("connections", index, "max_class"), "above 2 only with baa: true")
    yield from _once(listed, "connections", "name")


def _code_lists(catalog: Catalog) -> Iterator[ConfigError]:
    """A label must mean one code, and everything must be said of a code that there is (GLO-02)."""
    for name, codes in catalog.codes.items():
        file = catalog.located[f"codes:{name}"]
        meant = {label_key(code): code for code in codes.codes}
        for code, labels in codes.labels.items():
            yield from _known(file, ("labels", code), code, codes.codes, f"code of {name}")
            for index, label in enumerate(labels):
                if (other := meant.setdefault(label_key(label), code)) != code:
                    yield file.error(("labels", code, index), f"{label!r} means {other!r} already")
        for system, table in codes.native.items():
            for code in table:
                yield from _known(file, ("native", system, code), code, codes.codes, f"code of {name}")


def _registries(catalog: Catalog) -> Iterator[ConfigError]:
    """Channels, campaigns (TRK-02) and territories (RTE-02): about things that there are, each said once."""
    file = catalog.located["tracking"]
    for index, channel in enumerate(catalog.tracking.channels):
        yield from _predicate(catalog, file, ("channels", index, "when"), channel.when, SHAPED)
    file = catalog.located["campaigns"]
    seen: set[str] = set()
    for index, campaign in enumerate(catalog.campaigns):
        for column, spelled in (("code", (campaign.code,)), ("aliases", campaign.aliases)):
            for code in spelled:
                if code in seen:
                    yield _cell(file, index, column, f"{code!r} is used twice")
                seen.add(code)
    file = catalog.located["territories"]
    for index, rule in enumerate(catalog.territories.rules):
        if rule.level == "region" and rule.value not in catalog.territories.regions:
            yield _cell(file, index, "value", f"{rule.value!r} is not a known region")
        for column, state in (("value", rule.value if rule.level == "state" else ""), ("state", rule.state)):
            if state and state not in STATES:
                yield _cell(file, index, column, f"{state!r} is not a known state")
    regions = catalog.located["regions"]
    for name, states in catalog.territories.regions.items():
        for index, state in enumerate(states):
            yield from _known(regions, ("regions", name, index), state, STATES, "state")


def _mappings(catalog: Catalog) -> Iterator[ConfigError]:
    for (connection, _), mapping in catalog.sources.items():
        file = catalog.located[f"source:{connection}.{mapping.stream}"]
        yield from _known(file, ("connection",), connection, catalog.connections, "connection")
        if connection in catalog.connections:
            streams = catalog.connections[connection].streams
            yield from _known(file, ("stream",), mapping.stream, streams, "stream of the connection")
        canonical = SHAPED if mapping.outcome is None else RETURNED
        for name, spec in mapping.fields.items():
            yield from _known(file, ("fields", name), name, canonical, "canonical field")
            if spec.via == "code":
                yield from _known(file, ("fields", name, "codes"), spec.codes or name, catalog.codes, "code list")
    for (connection, target_object), target in catalog.targets.items():
        file = catalog.located[f"target:{connection}.{target_object}"]
        yield from _known(file, ("connection",), connection, catalog.connections, "connection")
        for name, spec_out in target.fields.items():
            here: KeyPath = ("fields", name)
            if spec_out.field is not None:
                written = PACKAGED if target.about == "lead" else FED_BACK
                yield from _known(file, (*here, "field"), spec_out.field, written, "canonical field")
            elif spec_out.ref is not None:
                objects = {"owner", *(name for system, name in catalog.targets if system == connection)}
                yield from _known(file, (*here, "ref"), spec_out.ref, objects, "object of the connection")
            elif spec_out.value is None:
                yield file.error(here, "needs field, value or ref")
            values = connection if spec_out.native is True else spec_out.native
            if values and values not in _native(catalog, spec_out.field):
                yield file.error((*here, "native"), f"code list {spec_out.field!r} has no native values of {values}")
        for name, matched in target.match.items():
            yield from _known(file, ("match", name), matched, SHAPED, "canonical field")


def _native(catalog: Catalog, name: str | None) -> Collection[str]:
    codes = catalog.codes.get(name or "")
    return codes.native if codes else ()


def _lead_types(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["lead_types"]
    yield from _once(file, "lead_types", "code")
    teams = {owner.team for owner in catalog.owners.values()}
    for index, kind in enumerate(catalog.lead_types.lead_types):
        here: KeyPath = ("lead_types", index)
        for position, team in enumerate(kind.owners):
            yield from _known(file, (*here, "owners", position), team, teams, "team of an owner")
        yield from _predicate(catalog, file, (*here, "when"), kind.when, SHAPED)
        for field in kind.requires:
            for name in (field,) if isinstance(field, str) else field:
                yield from _known(file, (*here, "requires"), name, SHAPED, "canonical field")


def _qualification(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["qualification"]
    for part in ("gates", "fit", "intent"):
        for index, one in enumerate(getattr(catalog.qualification, part)):
            yield from _predicate(catalog, file, (part, index, "when"), one.when, IDENTIFIED_LEAD)
            if part == "gates":
                yield from _predicate(catalog, file, (part, index, "require"), one.require, IDENTIFIED_LEAD)
    for motion in catalog.qualification.thresholds:
        yield from _known(file, ("thresholds", motion), motion, _lists(catalog)["motion"], "motion")
    for index, stage in enumerate(catalog.qualification.stages):
        yield from _predicate(catalog, file, ("stages", index, "when"), stage.when, IDENTIFIED_LEAD)
        yield from _known(file, ("stages", index, "stage"), stage.stage, catalog.codes["stage"].codes, "journey stage")
    motions = [kind.motion for kind in catalog.lead_types.lead_types if kind.sales]
    for path, message in qualification.lint(catalog.qualification, list(dict.fromkeys(motions))):
        yield file.error(path, message)


def _outcomes(catalog: Catalog) -> Iterator[ConfigError]:
    """What follows from a code is said of codes that there are, and of every reason (FBK-01)."""
    file, standard = catalog.located["outcomes"], catalog.outcomes
    for part, listed in (("claims", "crm_status"), ("dispositions", "disposition"), ("reasons", "reason")):
        for code in getattr(standard, part):
            yield from _known(file, (part, code), code, catalog.codes[listed].codes, f"code of {listed}")
    for part, table in (("claims", standard.claims), ("dispositions", standard.dispositions)):
        for code, status in table.items():
            if status is not None:
                yield from _known(file, (part, code), status, catalog.codes["status"].codes, "status code")
    for code in catalog.codes["reason"].codes:
        if code not in standard.reasons:
            yield file.error(("reasons",), f"says nothing of the reason {code!r}")


def _handoff(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["handoff"]
    for name, point in catalog.handoff.points.items():
        yield from _predicate(catalog, file, ("points", name, "when"), point.when, PACKAGED)
    for index, action in enumerate(catalog.handoff.next_actions):
        yield from _predicate(catalog, file, ("next_actions", index, "when"), action.when, PACKAGED)
        channel: KeyPath = ("next_actions", index, "channel")
        yield from _known(file, channel, action.channel, ("phone", "email", "sms"), "channel")
    for index, name in enumerate(catalog.handoff.required):
        yield from _known(file, ("required", index), name, PARTS, "part of a package")
    for name in catalog.handoff.unknown:
        yield from _known(file, ("unknown", name), name, PARTS, "part of a package")


def _graph(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["graph"]
    for index, name in enumerate(catalog.graph.statuses):
        yield from _known(file, ("statuses", index), name, catalog.codes["status"].codes, "status code")
    for index, move in enumerate(catalog.graph.transitions):
        for side in ("old", "new"):
            path: KeyPath = ("transitions", index, side)
            yield from _known(file, path, getattr(move, side), catalog.graph.statuses, "status")


def _routing(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["owners"]
    yield from _once(file, "owners", "code")
    for index, owner in enumerate(catalog.located["owners"].data["owners"]):
        for listed, field in (("service_lines", "service_line"), ("territories", "territory")):
            for position, code in enumerate(owner.get(listed, ())):
                path: KeyPath = ("owners", index, listed, position)
                yield from _known(file, path, code, _lists(catalog)[field], f"code of {field}")
    file, table = catalog.located["routing"], catalog.routing
    yield from _once(file, "rules", "id")
    for index, rule in enumerate(table.rules):
        yield from _predicate(catalog, file, ("rules", index, "when"), rule.when, BEFORE_ROUTE)
        yield from _known(file, ("rules", index, "pool"), rule.pool, table.pools, "pool")
    for name, pool in table.pools.items():
        for position, code in enumerate(pool.owners):
            yield from _known(file, ("pools", name, "owners", position), code, catalog.owners, "owner")
        if pool.backup is not None:
            yield from _known(file, ("pools", name, "backup"), pool.backup, table.pools, "pool")
        if pool.queue is not None:
            yield from _known(file, ("pools", name, "queue"), pool.queue, catalog.owners, "owner")
    yield from _known(file, ("default_queue",), table.default_queue, catalog.owners, "owner")
    for index, closure in enumerate(table.closures):
        known = catalog.codes["service_line"].codes
        yield from _known(file, ("closures", index, "service_line"), closure.service_line, known, "service line")


def _predicate(
    catalog: Catalog, file: Located, path: KeyPath, predicate: Predicate, columns: Mapping[str, Type]
) -> Iterator[ConfigError]:
    """Yield what is wrong with a predicate, and the codes in it that no code list defines."""
    found = list(predicates.problems(predicate, columns, path))
    for where, message in found:
        yield file.error(where, message)
    if not found:
        yield from _codes(_lists(catalog), file, path, predicate)


def _lists(catalog: Catalog) -> Mapping[str, Collection[str]]:
    """The fields whose values come from a list, and the values that there are."""
    kinds = catalog.lead_types.lead_types
    return {
        **{name: one.codes for name, one in catalog.codes.items()},
        "next_status": catalog.codes["status"].codes,
        "lead_type": {kind.code for kind in kinds},
        "motion": {kind.motion for kind in kinds},
        "territory": {rule.territory for rule in catalog.territories.rules},
        "campaign_code": {campaign.code for campaign in catalog.campaigns},
        "utm_medium": catalog.tracking.utm.mediums,
        "owner_id": catalog.owners,
    }


def _codes(
    lists: Mapping[str, Collection[str]], file: Located, path: KeyPath, predicate: Predicate
) -> Iterator[ConfigError]:
    for key, value in predicate.items():
        here = (*path, key)
        if key == "any":
            for index, part in enumerate(value):
                yield from _codes(lists, file, (*here, index), part)
        elif key == "not":
            yield from _codes(lists, file, here, value)
        elif key in lists:
            for code in _named(value):
                yield from _known(file, here, code, lists[key], f"code of {key}")


def _named(value: Any) -> Iterator[str]:
    """Yield the codes that one entry of a predicate names."""
    parts = [value.get(name) for name in ("eq", "ne", "in", "not_in")] if isinstance(value, Mapping) else [value]
    for part in parts:
        yield from (one for one in (part if isinstance(part, list) else [part]) if isinstance(one, str))


def _known(file: Located, path: KeyPath, name: str, known: Collection[str], what: str) -> Iterator[ConfigError]:
    if name not in known:
        yield file.error(path, f"{name!r} is not a known {what}")


def _once(file: Located, listed: str, key: str) -> Iterator[ConfigError]:
    """Yield the entries of a list whose name an earlier one has."""
    seen: set[str] = set()
    for index, entry in enumerate(file.data[listed]):
        if entry[key] in seen:
            yield file.error((listed, index, key), f"{entry[key]!r} is used twice")
        seen.add(entry[key])


def _cell(file: Located, row: int, column: str, message: str) -> ConfigError:
    """Return an error that points at a cell of a CSV file."""
    return ConfigError(message, file=file.path, line=file.line((row,)), key=column)
