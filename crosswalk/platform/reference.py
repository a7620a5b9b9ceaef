"""Reference data that ships with a package or that the operator loads; read once, handed to the domain as frames."""

from functools import cache
from pathlib import Path

import polars as pl
import zipcodes

from crosswalk.errors import ConfigError


@cache
def zip_states() -> pl.DataFrame:
    """Return every US ZIP code and its state: ``zip5``, ``zip_state`` (42,789 rows, bundled, offline)."""
    rows = [(row["zip_code"], row["state"]) for row in zipcodes.list_all()]
    return pl.DataFrame(rows, schema={"zip5": pl.String, "zip_state": pl.String}, orient="row").unique("zip5")


def npi_registry(path: Path) -> pl.DataFrame:
    """Read the operator's own slim NPI table: ``npi``, ``taxonomy``; empty when there is no file.

    Raises:
        ConfigError: a column is missing.
    """
    schema = {"npi": pl.String, "taxonomy": pl.String}
    if not path.exists():
        return pl.DataFrame(schema=schema)
    table = pl.read_csv(path, infer_schema=False)
    missing = [name for name in schema if name not in table.columns]
    if missing:
        raise ConfigError("column is missing", file=path, line=1, key=missing[0])
    return table.select(list(schema))
