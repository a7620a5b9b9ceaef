"""HubSpot's error bodies. Every field but category, correlationId and message is optional [DOC, SPEC]."""

from __future__ import annotations

from typing import Any

import orjson


class HubSpotError(Exception):
    """A refusal; the application renders it with a correlation id."""

    def __init__(self, status: int, message: str, category: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.more = more

    def body(self, correlation_id: str) -> dict[str, Any]:
        return {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            **self.more,
            "category": self.category,
        }

    def batch_entry(self, trace_id: str | None) -> dict[str, Any]:
        """The same refusal inside a 207, in the documented shape: matched to its input only through the context."""
        context: dict[str, list[str]] = dict(self.more.get("context", {}))
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
        }


def bad_request(message: str, **more: Any) -> HubSpotError:
    return HubSpotError(400, message, "VALIDATION_ERROR", **more)


def not_found(identifier: str) -> HubSpotError:
    """[3P] wording; the category is what clients look at."""
    return HubSpotError(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [identifier]},
        subCategory="crm.object.not.found",
    )


def already_exists(existing_id: int) -> HubSpotError:
    """Several independent clients parse the id out of exactly this text [3P]."""
    return HubSpotError(409, f"Contact already exists. Existing ID: {existing_id}", "CONFLICT")


def blocked() -> HubSpotError:
    """An e-mail that a GDPR delete put on the blocklist [SPEC that it is refused; how is UNV]."""
    return bad_request("The email address is on the blocklist of a GDPR delete and cannot be used.")


def not_set(title: str, names: list[str]) -> HubSpotError:
    """Several clients quote this text and look for the names in the context [3P]."""
    message = f"Error creating {title}. Some required properties were not set."
    return bad_request(message, context={"properties": names})


def invalid_values(problems: list[dict[str, Any]]) -> HubSpotError:
    """`Property values were not valid: [...]`, the list once as text and once as errors[] [DOC 1.3]."""
    return bad_request(
        "Property values were not valid: " + orjson.dumps(problems).decode(),
        errors=[
            {"message": p["message"], "code": p["error"], "context": {"propertyName": [p["name"]]}} for p in problems
        ],
    )


def unauthenticated(message: str) -> HubSpotError:
    return HubSpotError(401, message, "INVALID_AUTHENTICATION")
