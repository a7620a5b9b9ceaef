"""Errors as the wire shows them: a list of {message, errorCode, fields?} (REST), or a row verdict (collections)."""

from typing import Any

NOT_FOUND_TEXT = "The requested resource does not exist"  # [REC]


class SalesforceError(Exception):
    """One refusal, or several of one row. `fields` is None where Salesforce leaves the key out."""

    def __init__(
        self,
        code: str,
        message: str,
        fields: list[str] | None = None,
        status: int = 400,
        body: Any = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status
        self.body = body  # overrides the list body (300 Multiple Choices)
        self.extra = extra or {}  # what an error of this kind has besides
        self.others: list[SalesforceError] = []  # what else is wrong with the same row

    def rest_body(self) -> Any:
        if self.body is not None:
            return self.body
        return [error.shown() for error in (self, *self.others)]

    def shown(self) -> dict[str, Any]:
        """This one alone, without the others."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code, **self.extra}
        if self.fields is not None:
            error["fields"] = self.fields
        return error

    def row_errors(self) -> list[dict[str, Any]]:
        """As `errors` of a collections row has them: statusCode instead of errorCode [REC]."""
        return [
            {"statusCode": error.code, "message": error.message, "fields": error.fields or [], **error.extra}
            for error in (self, *self.others)
        ]

    def csv_text(self) -> str:
        """As `sf__Error` of Bulk API 2.0 has it: CODE:message:fields -- [DOC]; several in a row [UNV]."""
        return "".join(error.cell() for error in (self, *self.others))

    def cell(self) -> str:
        """This one alone, for a CSV."""
        return f"{self.code}:{self.message}:{','.join(self.fields or [])} --"


class Unreadable(SalesforceError):
    """A value that is not of the field's type: JSON is refused while it is parsed, a CSV cell as a value."""

    def __init__(self, message: str, label: str, field: str, value: Any) -> None:
        super().__init__("JSON_PARSER_ERROR", message)
        self._in_csv = f"INVALID_TYPE_ON_FIELD_IN_RECORD:{label}: value not of required type: {value}:{field} --"

    def cell(self) -> str:
        return self._in_csv  # [3P]


def refuse(errors: list[SalesforceError]) -> None:
    """Raise what is wrong with a row as one refusal; nothing when the list is empty."""
    if errors:
        first, *others = errors
        first.others = others
        raise first


def not_found(message: str = NOT_FOUND_TEXT) -> SalesforceError:
    return SalesforceError("NOT_FOUND", message, status=404)


def no_such_record(asked: str) -> SalesforceError:
    """For what cannot be an id, or names no external id field."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {asked}")
