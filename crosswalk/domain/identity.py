"""Identity by exact keys: which person an inquiry belongs to, and which open lead (NRM-02 in part, NRM-03).

Precision over recall: a wrong merge discloses one person's interest to another. Keys are exact; people who share
nothing but a phone or nothing but an address stay apart; what exact keys contradict waits for a person.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

import polars as pl

from crosswalk.domain.schema import S

NAMESPACE = UUID("6f0d2b52-7e2c-4d0e-9d0c-5a9a3f5d8c11")
KINDS = ("source", "npi", "email", "phone_name")
COMPANIONS = {"email_key": "email", "phone_ext": "phone", "campaign_name": "campaign_code"}
"""Fields that mean nothing without another one: an older value survives only where the other one does as well."""


def keys(leads: pl.DataFrame) -> pl.DataFrame:
    """Return the exact keys of shaped leads: ``unit``, ``kind``, ``value``.

    Kinds: the source's own id; the NPI of a clinician writing for themselves (a patient's form may name the doctor who
    sent them); the e-mail match key; phone with full name (a phone alone may be a household's).
    """
    name = pl.concat_str(pl.col("first_name").str.to_lowercase(), pl.col("last_name").str.to_lowercase(), separator=" ")
    sourced = pl.concat_str("source", "stream", "external_id", separator=":")
    phoned = pl.concat_str("phone", name, separator=" ")
    own_npi = pl.when(pl.col("audience") == "clinician").then("npi")
    values = {"source": sourced, "npi": own_npi, "email": pl.col("email_key"), "phone_name": phoned}
    return pl.concat(
        [leads.select("unit", pl.lit(kind).alias("kind"), value.alias("value")) for kind, value in values.items()]
    ).filter(pl.col("value").is_not_null())


def identify(leads: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Give every lead its person.

    Args:
        leads: shaped leads.
        known: stored keys that occur in ``keys(leads)``: ``kind``, ``value``, ``person_id``.

    Returns:
        ``unit``, ``person_id`` and ``doubt``: null, ``IDENTITY_AMBIGUOUS`` (its keys name several known people) or
        ``NPI_CONFLICT`` (people with different NPIs share another key). A new person's id is derived from the least of
        its source records, so that neither a repeated run nor the order of rows changes it.
    """
    table = keys(leads)
    stored = {(kind, value): person for kind, value, person in known.select("kind", "value", "person_id").rows()}
    groups = _Groups()
    anchors: dict[str, set[str]] = {}
    for unit, kind, value in table.rows():
        groups.join(unit, f"{kind}\0{value}")
    for unit, kind, value in table.rows():
        person = stored.get((kind, value))
        if person:
            anchors.setdefault(groups.root(unit), set()).add(person)
    npis: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for unit, kind, value in table.rows():
        root = groups.root(unit)
        if kind == "source":
            first[root] = min(value, first.get(root, value))
        elif kind == "npi":
            npis.setdefault(root, set()).add(value)
    rows: list[tuple[str, str | None, str | None]] = []
    for unit in leads["unit"].to_list():
        root = groups.root(unit)
        people = anchors.get(root, set())
        if len(npis.get(root, ())) > 1:
            rows.append((unit, None, "NPI_CONFLICT"))
        elif len(people) > 1:
            rows.append((unit, None, "IDENTITY_AMBIGUOUS"))
        else:
            person = next(iter(people)) if people else str(uuid5(NAMESPACE, "person:" + first[root]))
            rows.append((unit, person, None))
    return pl.DataFrame(rows, schema={"unit": S, "person_id": S, "doubt": S}, orient="row")


class _Groups:
    """Union-find over units and key values."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, item: str) -> str:
        parent = self._parent.setdefault(item, item)
        while parent != item:
            grand = self._parent[parent]
            self._parent[item] = grand
            item, parent = parent, grand
        return item

    def join(self, left: str, right: str) -> None:
        """Unite; the left item's group keeps its root, so the first unit of a group stays its root."""
        mine, other = self.root(left), self.root(right)
        if mine != other:
            self._parent[other] = mine


def lead_id(first_payload: str, motion: str) -> str:
    """Return the id of a new lead, derived from the inquiry that opened it; also the CRM's external id."""
    return str(uuid5(NAMESPACE, f"lead:{motion}:{first_payload}"))


def merge(leads: pl.DataFrame, stored: pl.DataFrame, keep: Iterable[str]) -> pl.DataFrame:
    """Fold inquiries of the same person and motion into one lead each.

    Args:
        leads: identified leads with ``person_id``; the newest inquiry is the one that goes on.
        stored: the open leads of these people (``person_id``, ``motion``, ``lead_id`` and attribute columns).
        keep: columns in which an older value survives where the newer inquiry has none.

    Returns:
        ``leads`` with ``lead_id``, ``is_new`` and ``survivor`` (the unit that goes on for its lead); the survivor's
        empty fields are filled from the older inquiries and then from the stored lead.
    """
    keep = [name for name in keep if name in leads.columns]
    group = ["person_id", "motion"]
    ordered = leads.with_row_index("_row").sort("received_at", "external_id")
    # A companion is carried on inside its leader's struct, so that the two are never of different inquiries.
    told = {name: pl.when(pl.col(_leader(name, keep)).is_not_null()).then(pl.struct(name)) for name in keep}
    ordered = ordered.with_columns(
        *(value.forward_fill().over(group).struct.field(name) for name, value in told.items()),
        pl.col("unit").last().over(group).alias("survivor"),
        pl.col("unit").first().over(group).alias("_opened"),
    )
    older = stored.select(
        *group,
        pl.col("lead_id").alias("_lead_id"),
        *(pl.col(name).alias(f"_old_{name}") for name in keep if name in stored.columns),
    )
    ordered = ordered.join(older, on=group, how="left", maintain_order="left").with_columns(
        pl.when(pl.col(_leader(name, keep)).is_not_null()).then(name).otherwise(f"_old_{name}").alias(name)
        for name in keep
        if name in stored.columns
    )
    fresh = {
        pair: lead_id(*pair)
        for pair in ordered.filter(pl.col("_lead_id").is_null()).select("_opened", "motion").unique().rows()
    }
    ids = [
        known or fresh[(opened, motion)]
        for known, opened, motion in ordered.select("_lead_id", "_opened", "motion").rows()
    ]
    return (
        ordered.with_columns(pl.Series("lead_id", ids, dtype=S), pl.col("_lead_id").is_null().alias("is_new"))
        .sort("_row")
        .drop("_row", "_opened", "_lead_id", *(f"_old_{name}" for name in keep if name in stored.columns))
    )


def _leader(name: str, keep: Sequence[str]) -> str:
    """The field that decides whether an older value of ``name`` survives: itself, or what it belongs to."""
    leader = COMPANIONS.get(name, name)
    return leader if leader in keep else name
