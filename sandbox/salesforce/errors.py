"""Errors as the wire shows them: a list of {message, errorCode, fields?} (REST), or a row verdict (collections)."""

from typing import Any

NOT_FOUND_TEXT = "The requested resource does not exist"  # [REC]


class SalesforceError(Exception):
    """One refusal. `fields` is None where Salesforce leaves the key out."""

    def __init__(
        self, code: str, message: str, fields: list[str] | None = None, status: int = 400, body: Any = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status
        self.body = body  # overrides the list body (300 Multiple Choices)

    def rest_body(self) -> Any:
        if self.body is not None:
            return self.body
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def row_body(self) -> dict[str, Any]:
        """As `errors[]` of a collections row has it: statusCode instead of errorCode [REC]."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}

    def csv_text(self) -> str:
        """As `sf__Error` of Bulk API 2.0 has it: CODE:message:fields -- [DOC]."""
        return f"{self.code}:{self.message}:{','.join(self.fields or [])} --"


def not_found(message: str = NOT_FOUND_TEXT) -> SalesforceError:
    return SalesforceError("NOT_FOUND", message, status=404)


def no_such_record(asked: str) -> SalesforceError:
    """For what cannot be an id, or names no external id field."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {asked}")
