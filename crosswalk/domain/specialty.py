"""Specialty of a clinician: by NPI and taxonomy, else by what the form says (RTE-03)."""

import polars as pl

from crosswalk.domain.labels import CodeList

TAXONOMY = "nucc"


def resolve(frame: pl.DataFrame, specialties: CodeList, registry: pl.DataFrame) -> pl.DataFrame:
    """Let the registry's taxonomy decide the ``specialty`` where the NPI is known.

    Args:
        frame: leads with ``npi``, ``specialty`` (from the form, already coded) and ``codes``.
        specialties: the code list; its ``native`` table named ``nucc`` holds a taxonomy prefix for each code.
        registry: ``npi``, ``taxonomy`` of the operator's own reference; may be empty.

    A form that says otherwise is overruled and the lead carries ``SPECIALTY_CONFLICT``. A clinician with neither
    carries ``SPECIALTY_UNKNOWN``.
    """
    prefixes = sorted(specialties.native.get(TAXONOMY, {}).items(), key=lambda item: -len(item[1]))
    cases: list[pl.Expr] = [
        pl.when(pl.col("taxonomy").str.starts_with(prefix)).then(pl.lit(code)) for code, prefix in prefixes
    ]
    by_taxonomy = pl.coalesce(cases or [pl.lit(None, pl.String)])
    known = registry.select("npi", "taxonomy").unique("npi", keep="first", maintain_order=True)
    joined = frame.join(known, on="npi", how="left", maintain_order="left").with_columns(
        by_taxonomy.alias("_registered")
    )
    conflict = (pl.col("_registered") != pl.col("specialty")).fill_null(value=False)
    unknown = (pl.col("audience") == "clinician") & pl.coalesce("_registered", "specialty").is_null()
    noted = (
        pl.when(conflict)
        .then(pl.col("codes").list.concat(pl.lit(["SPECIALTY_CONFLICT"])))
        .when(unknown.fill_null(value=False))
        .then(pl.col("codes").list.concat(pl.lit(["SPECIALTY_UNKNOWN"])))
        .otherwise("codes")
    )
    return joined.with_columns(noted.alias("codes"), pl.coalesce("_registered", "specialty").alias("specialty")).drop(
        "taxonomy", "_registered"
    )
