"""Reference data that ships with the hub or that the operator loads; handed to the domain as frames."""

from functools import cache
from pathlib import Path

import polars as pl

from crosswalk.errors import ConfigError

ZIP_STATES = Path(__file__).with_name("zip_states.csv")


@cache
def zip_states() -> pl.DataFrame:
    """Return every US ZIP code and its state: ``zip5``, ``zip_state`` (42,789 rows).

    The table is drawn from the package zipcodes, which a test holds it to: reading the package itself takes a second
    and 150 MB at every start.
    """
    return pl.read_csv(ZIP_STATES, infer_schema=False)


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
