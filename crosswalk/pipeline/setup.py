"""What the mappings need of a target: checked, created where the vendor allows, else told (crosswalk setup)."""

from collections.abc import Mapping

from crosswalk.domain.mapping import FieldIn, FieldOut
from crosswalk.errors import ConfigError
from crosswalk.pipeline.work import Work
from crosswalk.platform.catalog import Catalog
from crosswalk.ports import FieldReport, FieldSpec


def specs(catalog: Catalog) -> dict[str, list[FieldSpec]]:
    """Return the fields that each connection must have: what is written, and what people are asked to fill in."""
    needed: dict[str, list[FieldSpec]] = {}
    for target in catalog.targets.values():
        for name, out in target.fields.items():
            needed.setdefault(target.connection, []).append(_spec(target.object, name, out))
    for (connection, stream), mapping in catalog.sources.items():
        for spec in mapping.fields.values():
            if spec.create is not None:
                read = catalog.connections[connection].streams[stream].object
                needed.setdefault(connection, []).append(_spec(read, spec.sources[0], spec))
    return needed


def set_up(work: Work, *, create: bool = True) -> list[FieldReport]:
    """Check every target's fields and create what is missing.

    Raises:
        TerminalError, TransientError: the target cannot be asked.
    """
    reports: list[FieldReport] = []
    for connection, wanted in specs(work.catalog).items():
        admin = work.connector(connection).admin
        if admin is not None:
            reports += admin.create(wanted) if create else admin.check(wanted)
    return reports


def _spec(target_object: str, name: str, spec: FieldOut | FieldIn) -> FieldSpec:
    if spec.create is None:
        length = spec.max_length if isinstance(spec, FieldOut) else None
        return FieldSpec(target_object, name, "", length=length, custom=False)
    made: Mapping[str, object] = spec.create
    try:
        return FieldSpec(
            object=target_object,
            name=name,
            type=str(made["type"]),
            label=str(made.get("label", name)),
            length=int(str(made["length"])) if "length" in made else None,
            external_id=bool(made.get("external_id", False)),
            values=tuple(str(value) for value in made.get("values", ())),  # type: ignore[attr-defined]
        )
    except KeyError as error:
        raise ConfigError(
            f"create lacks {error.args[0]!r}", file="mappings/fields", key=f"{target_object}.{name}"
        ) from None
