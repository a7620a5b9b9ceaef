"""Great Expectations and pandas, imported once and made quiet.

Analytics are off before the import, its log is off because messages quote values, and the warnings that it raises
about the standard library while loading are not ours to mend.
"""

import logging
import os
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    import pandas as pd
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.expectations import core
    from great_expectations.expectations.expectation import (
        ColumnAggregateExpectation,
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.expectation import Expectation as NativeExpectation
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

for _name in ("great_expectations", "great_expectations.data_context.types.base"):  # the latter sets a level of its own
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

__all__ = [
    "BatchDefinition",
    "ColumnAggregateExpectation",
    "ColumnMapExpectation",
    "ColumnPairMapExpectation",
    "DefaultJinjaPageView",
    "ExpectationSuite",
    "ExpectationSuiteValidationResult",
    "ExpectationValidationResult",
    "FailureSeverity",
    "MulticolumnMapExpectation",
    "NativeExpectation",
    "ValidationResultsPageRenderer",
    "core",
    "gx",
    "pd",
]
