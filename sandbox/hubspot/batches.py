"""The batch endpoints: up to 100 inputs, whole or partial success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, requested_properties, written_properties
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.portal import Portal, Written
from sandbox.hubspot.rendering import contact, shown, written

MAX_BATCH = 100


def _inputs(body: Any, *, keyed: bool) -> list[dict[str, Any]]:
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise bad_request("Invalid input JSON: 'inputs' is a list of objects")
    if len(inputs) > MAX_BATCH:
        raise bad_request(f"The batch has {len(inputs)} inputs; the limit is {MAX_BATCH}.")
    if keyed:
        ids = [entry.get("id") for entry in inputs]
        if not all(isinstance(key, str) and key for key in ids):
            raise bad_request("Invalid input JSON: every input needs an 'id' that is a string")
        twice = sorted({key for key in ids if ids.count(key) > 1})
        if twice:
            # The whole request, trace ids or not; text and context as several clients quote it [3P].
            message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
            raise bad_request(message, context={"ids": twice})
    return inputs


def batch_read(call: Call) -> Reply:
    started = call.portal.clock.now_ms()
    inputs = _inputs(call.body, keyed=True)
    id_property = call.body.get("idProperty")  # top level here, unlike in writes [DOC]
    names = shown(call.portal, requested_properties(call.body))
    results, missing = [], []
    for entry in inputs:
        record = call.portal.lookup(entry["id"], id_property)
        if record is None or record.archived != call.flag("archived"):
            missing.append(entry["id"])
        else:
            results.append(contact(record, names))
    return _batch_reply(call, started, 200, results, _missing(missing))


def batch_create(call: Call) -> Reply:
    return _batch_write(call, 201, keyed=False, write=lambda portal, entry: portal.create(written_properties(entry)))


def batch_update(call: Call) -> Reply:
    def write(portal: Portal, entry: dict[str, Any]) -> Written:
        record = portal.find(entry["id"], entry.get("idProperty"))
        return portal.update(record, written_properties(entry))

    return _batch_write(call, 200, keyed=True, write=write)


def batch_upsert(call: Call) -> Reply:
    def write(portal: Portal, entry: dict[str, Any]) -> Written:
        id_property, properties = entry.get("idProperty"), written_properties(entry)
        record = portal.lookup(entry["id"], id_property)
        if record is not None and not record.archived:
            if id_property == "email" and portal.refuse_partial_email_upserts:
                _refuse_partial(portal, record, properties)
            return portal.update(record, properties)
        if id_property in (None, "", "hs_object_id"):
            return portal.update(portal.find(entry["id"]), properties)  # an id cannot be made up: the 404
        return portal.create({str(id_property): entry["id"], **properties})

    return _batch_write(call, 200, keyed=True, write=write, upsert=True)


def _refuse_partial(portal: Portal, record: Record, properties: dict[str, Any]) -> None:
    """The strict reading of "partial upserts are not supported when using `email` as the idProperty" [DOC].

    Behind a switch, as the guide's own example under that sentence is a partial one; the refusal's shape is [UNV].
    """
    missing = sorted(record.properties.keys() - properties.keys() - portal.schema.read_only() - {"email"})
    if missing:
        raise bad_request(
            "Partial upserts are not supported when using email as the idProperty for contacts.",
            context={"propertyName": missing},
        )


def batch_archive(call: Call) -> Reply:
    for entry in _inputs(call.body, keyed=True):
        record = call.portal.lookup(entry["id"], None)
        if record is not None and not record.archived:
            call.portal.archive(record)
    return 204, None


def _batch_write(
    call: Call,
    status: int,
    *,
    keyed: bool,
    write: Callable[[Portal, dict[str, Any]], Written],
    upsert: bool = False,
) -> Reply:
    """Partial success only when every input carries its own objectWriteTraceId [DOC]; else one refusal fails all.

    An unknown id is the exception: it is reported beside the results of the others, in a shape that is [UNV].
    """
    started = call.portal.clock.now_ms()
    inputs = _inputs(call.body, keyed=keyed)
    traces = [entry.get("objectWriteTraceId") for entry in inputs]
    partial = all(isinstance(trace, str) for trace in traces) and len(set(traces)) == len(traces)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    missing: list[str] = []
    with call.portal.all_or_nothing():
        for entry, trace in zip(inputs, traces, strict=True):
            try:
                outcome = write(call.portal, entry)
            except HubSpotError as refused:
                if partial:
                    errors.append(refused.batch_entry(trace))
                elif refused.category == "OBJECT_NOT_FOUND":
                    missing.append(entry["id"])
                else:
                    raise
                continue
            result = written(outcome)
            if isinstance(trace, str):
                result["objectWriteTraceId"] = trace
            if upsert:
                result["new"] = outcome.new
            results.append(result)
    return _batch_reply(call, started, status, results, errors + _missing(missing))


def _missing(ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}]


def _batch_reply(
    call: Call, started: int, status: int, results: list[dict[str, Any]], errors: list[dict[str, Any]]
) -> Reply:
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors:
        status = 207
        body |= {"numErrors": len(errors), "errors": errors}
    body |= {"startedAt": iso_ms(started), "completedAt": iso_ms(call.portal.clock.now_ms())}
    return status, body
