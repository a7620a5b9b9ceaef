"""In which order things are done, and for which day they count."""

from datetime import date

import pytest

from crosswalk.pipeline.ingest import ingest_batch
from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors
from tests.way import Way


@pytest.mark.feature("HND-04")
def test_records_come_before_the_tasks_that_point_to_them(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    vendors.create([vendors.inquiry() for _ in range(5)])
    pipeline.sync()
    writes = [one.path.rsplit("/", 2)[-2] for one in ways[1].asked if one.method == "PATCH"]
    assert writes == ["Lead", "Task"]


@pytest.mark.slow
@pytest.mark.feature("DQ-05")
def test_everything_is_read_before_anything_is_written(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    vendors.create([vendors.inquiry() for _ in range(450)])
    order: list[str] = []
    ways[0].watch = lambda when, method, path: order.append("read") if when == "before" else None
    ways[1].watch = lambda when, method, path: order.append("write") if (when, method) == ("before", "PATCH") else None
    pipeline.sync(batch_size=200)
    assert order == sorted(order) and {"read", "write"} <= set(order)


@pytest.mark.feature("RTE-03")
def test_an_evening_inquiry_counts_for_its_owners_day(vendors: Vendors, pipeline: Pipeline) -> None:
    """Half past three in London is the evening before in Chicago, in the batch as in the next one."""
    vendors.create([vendors.inquiry(inquiry_at="2026-11-14T03:30:00Z")])
    pipeline.sync()
    assert [row["load_day"] for row in pipeline.home.rows("assignment")] == [date(2026, 11, 13)]


@pytest.mark.slow
def test_a_run_goes_on_in_an_open_window_and_then_up_to_its_own_time(vendors: Vendors, pipeline: Pipeline) -> None:
    """The first run stops in the middle of its window; what came since is read by the next run all the same."""
    vendors.create([vendors.inquiry() for _ in range(450)])
    with pipeline.work(batch_size=200) as work:
        assert ingest_batch(work, "hubspot", "contacts") is True
    assert len(pipeline.home.rows("seen")) == 200
    vendors.later(1)
    vendors.create([vendors.inquiry()])
    summary = pipeline.sync(batch_size=200)
    assert len(pipeline.home.rows("seen")) == 451
    assert summary.written["salesforce"]["Lead"]["created"] == 451
