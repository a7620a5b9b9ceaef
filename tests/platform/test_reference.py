"""Reference data stays what its source says."""

import zipcodes

from crosswalk.platform.reference import zip_states


def test_zip_states_are_those_of_the_package() -> None:
    """The shipped table is the package's, ZIP by ZIP; draw it anew when the package moves."""
    package = {row["zip_code"]: row["state"] for row in zipcodes.list_all()}
    assert dict(zip_states().rows()) == package
