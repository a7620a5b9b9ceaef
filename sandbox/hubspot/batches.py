"""The batch endpoints: up to 100 inputs, whole or partial success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, requested_properties
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.links import Link, connect, wanted_links
from sandbox.hubspot.objects import OBJECTS
from sandbox.hubspot.rendering import rendered, shown, with_history, written
from sandbox.hubspot.store import Store, Written
from sandbox.hubspot.validation_rules import properties_of

MAX_BATCH, MAX_BATCH_WITH_HISTORY = 100, 50


def _inputs(body: Any, *, keyed: bool) -> list[dict[str, Any]]:
    inputs = batch_inputs(body, MAX_BATCH)
    if keyed:
        ids: list[Any] = [entry.get("id") for entry in inputs]
        if not all(isinstance(key, str) and key for key in ids):
            raise bad_request("Invalid input JSON: every input needs an 'id' that is a string")
        if len(set(ids)) < len(ids):
            twice = sorted({key for key in ids if ids.count(key) > 1})
            # The whole request, trace ids or not; text and context as several clients quote it [3P].
            message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
            raise bad_request(message, context={"ids": twice})
    return inputs


def batch_read(call: Call) -> Reply:
    started, store = call.portal.clock.now_ms(), call.store
    inputs = _inputs(call.body, keyed=True)
    id_property = call.body.get("idProperty")  # top level here, unlike in writes [DOC]
    names = shown(store, requested_properties(call.body))
    past = requested_properties(call.body, "propertiesWithHistory")
    if past and len(inputs) > MAX_BATCH_WITH_HISTORY:
        raise bad_request(f"With propertiesWithHistory a batch has at most {MAX_BATCH_WITH_HISTORY} inputs.")
    archived = call.flag("archived")
    results, missing = [], []
    for entry in inputs:
        record = store.lookup(entry["id"], id_property)
        if record is None or record.archived != archived:
            missing.append(entry["id"])
        else:
            body = rendered(store.kind, record, names)
            results.append(with_history(store, body, record.id, past) if past else body)
    return batch_reply(call, started, 200, _reordered(results), _missing(store, missing))


def batch_create(call: Call) -> Reply:
    made: list[tuple[int, list[Link]]] = []

    def write(store: Store, entry: dict[str, Any]) -> Written:
        links = wanted_links(call, store.kind, entry)
        outcome = store.create(properties_of(call, entry))
        made.append((outcome.record.id, links))
        return outcome

    reply = _batch_write(call, 201, keyed=False, write=write)
    for key, links in made:  # not before: a batch that fails as a whole leaves none
        connect(call, key, links)
    return reply


def batch_update(call: Call) -> Reply:
    def write(store: Store, entry: dict[str, Any]) -> Written:
        record = store.find(entry["id"], entry.get("idProperty"))
        return store.update(record, properties_of(call, entry))

    return _batch_write(call, 200, keyed=True, write=write)


def batch_upsert(call: Call) -> Reply:
    def write(store: Store, entry: dict[str, Any]) -> Written:
        id_property, properties = entry.get("idProperty"), properties_of(call, entry)
        record = store.lookup(entry["id"], id_property)
        if record is not None and not record.archived:
            if id_property == "email" and call.portal.refuse_partial_email_upserts:
                _refuse_partial(store, record, properties)
            return store.update(record, properties)
        if id_property in (None, "", "hs_object_id"):
            return store.update(store.find(entry["id"]), properties)  # an id cannot be made up: the 404
        return store.create({str(id_property): entry["id"], **properties})

    return _batch_write(call, 200, keyed=True, write=write, upsert=True)


def _refuse_partial(store: Store, record: Record, properties: dict[str, Any]) -> None:
    """The strict reading of "partial upserts are not supported when using `email` as the idProperty" [DOC].

    Behind a switch, as the guide's own example under that sentence is a partial one; the refusal's shape is [UNV].
    """
    missing = sorted(record.properties.keys() - properties.keys() - store.schema.read_only() - {"email"})
    if missing:
        raise bad_request(
            "Partial upserts are not supported when using email as the idProperty for contacts.",
            context={"propertyName": missing},
        )


def batch_archive(call: Call) -> Reply:
    store = call.store
    for entry in _inputs(call.body, keyed=True):
        record = store.lookup(entry["id"], None)
        if record is not None and not record.archived:
            store.archive(record)
    return 204, None


def _batch_write(
    call: Call,
    status: int,
    *,
    keyed: bool,
    write: Callable[[Store, dict[str, Any]], Written],
    upsert: bool = False,
) -> Reply:
    """Partial success only when every input carries its own objectWriteTraceId [DOC]; else one refusal fails all.

    An unknown id is the exception: it is reported beside the results of the others, in a shape that is [UNV].
    """
    started, store = call.portal.clock.now_ms(), call.store
    inputs = _inputs(call.body, keyed=keyed)
    traces = [entry.get("objectWriteTraceId") for entry in inputs]
    partial = all(isinstance(trace, str) for trace in traces) and len(set(traces)) == len(traces)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    missing: list[str] = []
    with store.all_or_nothing():
        for entry, trace in zip(inputs, traces, strict=True):
            try:
                outcome = write(store, entry)
            except HubSpotError as refused:
                if partial:
                    errors.append(refused.batch_entry(trace))
                elif refused.category == "OBJECT_NOT_FOUND":
                    missing.append(entry["id"])
                else:
                    raise
                continue
            result = written(store.kind, outcome)
            if isinstance(trace, str):
                result["objectWriteTraceId"] = trace
            if upsert:
                result["new"] = outcome.new
            results.append(result)
    return batch_reply(call, started, status, _reordered(results), errors + _missing(store, missing))


def _reordered(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """HubSpot answers in an order of its own, another one than that of the inputs [REC of create and update]."""
    return sorted(results, key=lambda result: crc32(result["id"].encode()))


def _missing(store: Store, ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    message = (
        f"Could not get some {store.kind.title} objects, they may be deleted or not exist. Check that ids are valid."
    )
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}]


WAYS = [
    Way("POST", OBJECTS, "/batch/read", batch_read),
    Way("POST", OBJECTS, "/batch/create", batch_create),
    Way("POST", OBJECTS, "/batch/update", batch_update),
    Way("POST", OBJECTS, "/batch/upsert", batch_upsert),
    Way("POST", OBJECTS, "/batch/archive", batch_archive),
]
