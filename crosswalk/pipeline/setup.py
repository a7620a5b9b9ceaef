"""What the mappings need of a target: checked, created where the vendor allows, else told (crosswalk setup)."""

from collections.abc import Iterable, Mapping

from crosswalk.domain.mapping import FieldOut, TargetMap
from crosswalk.errors import ConfigError
from crosswalk.pipeline.work import Work
from crosswalk.ports import FieldReport, FieldSpec


def specs(targets: Iterable[TargetMap]) -> dict[str, list[FieldSpec]]:
    """Return the fields that each connection must have, as the target mappings name them."""
    needed: dict[str, list[FieldSpec]] = {}
    for target in targets:
        for name, spec in target.fields.items():
            needed.setdefault(target.connection, []).append(_spec(target.object, name, spec))
    return needed


def set_up(work: Work, *, create: bool = True) -> list[FieldReport]:
    """Check every target's fields and create what is missing.

    Raises:
        TerminalError, TransientError: the target cannot be asked.
    """
    reports: list[FieldReport] = []
    for connection, wanted in specs(work.catalog.targets.values()).items():
        admin = work.connector(connection).admin
        if admin is not None:
            reports += admin.create(wanted) if create else admin.check(wanted)
    return reports


def _spec(target_object: str, name: str, spec: FieldOut) -> FieldSpec:
    if spec.create is None:
        return FieldSpec(target_object, name, "", length=spec.max_length, custom=False)
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
