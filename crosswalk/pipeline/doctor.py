"""Doctor: is everything in place for a run, and if not, what to do (crosswalk doctor)."""

from collections.abc import Callable, Iterator
from datetime import datetime

from crosswalk.errors import ConfigError, ConfigErrors, CrosswalkError
from crosswalk.pipeline.setup import specs
from crosswalk.pipeline.work import code_lists
from crosswalk.platform.catalog import Catalog, load_catalog
from crosswalk.platform.registry import connect
from crosswalk.platform.settings import Settings
from crosswalk.platform.suites import load_suites
from crosswalk.platform.vault import Vault
from crosswalk.ports import Connector, Health
from crosswalk.store import runs
from crosswalk.store.hub import Hub


def examine(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Health]:
    """Yield one line for each thing that a run needs, in the order in which it needs them; never raises."""
    catalog: Catalog | None = None
    try:
        catalog = load_catalog(settings.home)
        yield Health(f"mappings in {settings.home / 'mappings'}", ok=True)
    except ConfigErrors as errors:
        for problem in errors.problems:
            yield Health("mappings", ok=False, advice=str(problem))
    except ConfigError as error:
        yield Health("mappings", ok=False, advice=str(error))
    yield from _hub(settings, clock)
    if catalog is None:
        return
    yield _try("expectations", lambda: load_suites(settings.home / "expectations", code_lists(catalog)))
    definitions = catalog.definitions
    signed = [name for name in (definitions.approved_by.marketing, definitions.approved_by.sales) if name]
    yield Health(
        f"definitions {definitions.version}: policy {definitions.approval}, {len(signed)} approver(s)", ok=True
    )
    for connection in catalog.connections.values():
        try:
            connector = connect(connection, settings, catalog.properties(connection.name))
        except CrosswalkError as error:
            yield Health(connection.name, ok=False, advice=str(error))
            continue
        yield from _connection(catalog, connection.name, connector)


def _connection(catalog: Catalog, name: str, connector: Connector) -> Iterator[Health]:
    """Ask one system; a first refusal is enough."""
    answers = connector.probe.health() if connector.probe else []
    for answer in answers:
        yield Health(f"{name}: {answer.subject}", answer.ok, answer.advice)
    if connector.admin is None or not all(answer.ok for answer in answers):
        return
    wanted = specs(catalog)
    try:
        missing = [one for one in connector.admin.check(wanted.get(name, [])) if one.state != "present"]
    except CrosswalkError as error:
        yield Health(f"{name}: fields", ok=False, advice=str(error))
        return
    advice = "; ".join(f"{one.spec.object}.{one.spec.name}" for one in missing)
    yield Health(
        f"{name}: fields", ok=not missing, advice=advice and f"run `crosswalk setup`; missing or wrong: {advice}"
    )


def _hub(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Health]:
    yield _try("encryption key", lambda: Vault.from_settings(settings))
    try:
        hub = Hub.open(settings.database)
    except CrosswalkError as error:
        yield Health("hub database", ok=False, advice=str(error))
        return
    try:
        with hub.read() as tx:
            last = runs.get(tx)
        yield Health("hub database", ok=True)
        if last:
            age = clock() - last["started_at"]
            yield Health(
                f"last run {last['state']}, {age.total_seconds() / 3600:.1f} hours ago", ok=last["state"] == "done"
            )
    finally:
        hub.close()


def _try(subject: str, check: Callable[[], object]) -> Health:
    try:
        check()
    except CrosswalkError as error:
        return Health(subject, ok=False, advice=str(error))
    return Health(subject, ok=True)
