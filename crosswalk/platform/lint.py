"""Checks that need more than one file: names that must exist elsewhere, codes that must be defined, approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crosswalk.domain import predicates, qualification
from crosswalk.domain.handoff import PARTS
from crosswalk.domain.outbound import PACKAGE
from crosswalk.domain.schema import IDENTIFIED, LEAD, QUALIFIED, ROUTED

if TYPE_CHECKING:
    from crosswalk.domain.predicates import Predicate
    from crosswalk.errors import ConfigError
    from crosswalk.platform.catalog import Catalog
    from crosswalk.platform.located import KeyPath, Located

SHAPED = frozenset(LEAD)
BEFORE_ROUTE = SHAPED | set(IDENTIFIED) | set(QUALIFIED) | {"territory", "territory_level"}
PACKAGED = BEFORE_ROUTE | set(ROUTED) | set(PARTS) | set(PACKAGE)


def problems(catalog: Catalog) -> Iterator[ConfigError]:
    """Yield every mistake that one file alone cannot show."""
    yield from _definitions(catalog)
    yield from _mappings(catalog)
    yield from _rules(catalog)
    yield from _routing(catalog)


def _definitions(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["definitions"]
    for missing in catalog.definitions.unapproved():
        yield file.error(("approved_by",), f"approval policy {catalog.definitions.approval!r}: {missing}")
    listed = catalog.located["connections"]
    for index, connection in enumerate(catalog.located["connections"].data["connections"]):
        if int(connection.get("max_class", 2)) > 2 and not connection.get("baa"):
            yield listed.error(("connections", index, "max_class"), "above 2 only with baa: true")


def _mappings(catalog: Catalog) -> Iterator[ConfigError]:
    for (connection, _), mapping in catalog.sources.items():
        file = catalog.located[f"source:{connection}.{mapping.stream}"]
        yield from _known(file, ("connection",), connection, catalog.connections, "connection")
        if connection in catalog.connections:
            streams = catalog.connections[connection].streams
            yield from _known(file, ("stream",), mapping.stream, streams, "stream of the connection")
        for name, spec in mapping.fields.items():
            yield from _known(file, ("fields", name), name, SHAPED, "canonical field")
            if spec.via == "code":
                yield from _known(file, ("fields", name, "codes"), spec.codes or name, catalog.codes, "code list")
    for (connection, target_object), target in catalog.targets.items():
        file = catalog.located[f"target:{connection}.{target_object}"]
        yield from _known(file, ("connection",), connection, catalog.connections, "connection")
        for name, spec_out in target.fields.items():
            here: KeyPath = ("fields", name)
            if spec_out.field is not None:
                yield from _known(file, (*here, "field"), spec_out.field, PACKAGED, "canonical field")
            elif spec_out.ref is not None:
                objects = {"owner", *(name for system, name in catalog.targets if system == connection)}
                yield from _known(file, (*here, "ref"), spec_out.ref, objects, "object of the connection")
            elif spec_out.value is None:
                yield file.error(here, "needs field, value or ref")
            if spec_out.native and connection not in _native(catalog, spec_out.field):
                yield file.error(
                    (*here, "native"), f"code list {spec_out.field!r} has no native values of {connection}"
                )
        for name, canonical in target.match.items():
            yield from _known(file, ("match", name), canonical, SHAPED, "canonical field")


def _native(catalog: Catalog, name: str | None) -> Collection[str]:
    codes = catalog.codes.get(name or "")
    return codes.native if codes else ()


def _rules(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["tracking"]
    for index, rule in enumerate(catalog.tracking.channels):
        yield from _predicate(catalog, file, ("channels", index, "when"), rule.when, SHAPED)
    file = catalog.located["lead_types"]
    for index, kind in enumerate(catalog.lead_types.lead_types):
        here: KeyPath = ("lead_types", index)
        yield from _predicate(catalog, file, (*here, "when"), kind.when, SHAPED)
        for field in kind.requires:
            for name in (field,) if isinstance(field, str) else field:
                yield from _known(file, (*here, "requires"), name, SHAPED, "canonical field")
    file = catalog.located["qualification"]
    seen = BEFORE_ROUTE - {"territory", "territory_level"} - set(QUALIFIED)
    for part in ("gates", "fit", "intent"):
        for index, one in enumerate(getattr(catalog.qualification, part)):
            yield from _predicate(catalog, file, (part, index, "when"), one.when, seen)
            if part == "gates":
                yield from _predicate(catalog, file, (part, index, "require"), one.require, seen)
    for index, stage in enumerate(catalog.qualification.stages):
        yield from _predicate(catalog, file, ("stages", index, "when"), stage.when, seen)
        path: KeyPath = ("stages", index, "stage")
        yield from _known(file, path, stage.stage, catalog.codes["stage"].codes, "journey stage")
    motions = [kind.motion for kind in catalog.lead_types.lead_types if kind.sales]
    for message in qualification.lint(catalog.qualification, list(dict.fromkeys(motions))):
        yield file.error((), message)
    yield from _graph(catalog)
    file = catalog.located["handoff"]
    for name, point in catalog.handoff.points.items():
        yield from _predicate(catalog, file, ("points", name, "when"), point.when, PACKAGED)
    for index, action in enumerate(catalog.handoff.next_actions):
        yield from _predicate(catalog, file, ("next_actions", index, "when"), action.when, PACKAGED)
        channel: KeyPath = ("next_actions", index, "channel")
        yield from _known(file, channel, action.channel, ("phone", "email", "sms"), "channel")
    for index, name in enumerate(catalog.handoff.required):
        yield from _known(file, ("required", index), name, PARTS, "part of a package")


def _graph(catalog: Catalog) -> Iterator[ConfigError]:
    file = catalog.located["graph"]
    for index, name in enumerate(catalog.graph.statuses):
        yield from _known(file, ("statuses", index), name, catalog.codes["status"].codes, "status code")
    for index, move in enumerate(catalog.graph.transitions):
        for side in ("old", "new"):
            path: KeyPath = ("transitions", index, side)
            yield from _known(file, path, getattr(move, side), catalog.graph.statuses, "status")


def _routing(catalog: Catalog) -> Iterator[ConfigError]:
    file, table = catalog.located["routing"], catalog.routing
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
    catalog: Catalog, file: Located, path: KeyPath, predicate: Predicate, columns: Collection[str]
) -> Iterator[ConfigError]:
    """Yield what is wrong with a predicate, and the codes in it that no code list defines."""
    found = list(predicates.problems(predicate, columns, path))
    for where, message in found:
        yield file.error(where, message)
    if not found:
        yield from _codes(catalog, file, path, predicate)


def _codes(catalog: Catalog, file: Located, path: KeyPath, predicate: Predicate) -> Iterator[ConfigError]:
    for key, value in predicate.items():
        here = (*path, key)
        if key == "any":
            for index, part in enumerate(value):
                yield from _codes(catalog, file, (*here, index), part)
        elif key == "not":
            yield from _codes(catalog, file, here, value)
        elif key in catalog.codes:
            for code in _named(value):
                yield from _known(file, here, code, catalog.codes[key].codes, f"code of {key}")


def _named(value: Any) -> Iterator[str]:
    """Yield the codes that one entry of a predicate names."""
    parts = [value.get(name) for name in ("eq", "ne", "in", "not_in")] if isinstance(value, Mapping) else [value]
    for part in parts:
        yield from (one for one in (part if isinstance(part, list) else [part]) if isinstance(one, str))


def _known(file: Located, path: KeyPath, name: str, known: Collection[str], what: str) -> Iterator[ConfigError]:
    if name not in known:
        yield file.error(path, f"{name!r} is not a known {what}")
