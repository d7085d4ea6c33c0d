"""What the org says no with: one exception per refusal, in both of Salesforce's JSON shapes.

ApiError                    a whole request is refused; HTTP status and error array
└── RecordError             one record is refused; inside a collection its neighbours may go on
    └── SeveralRecords      an external id names more than one record (HTTP 300)
"""

from typing import Any


class ApiError(Exception):
    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields

    def body(self) -> list[Any]:
        """The error array that an HTTP answer carries."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            error["fields"] = list(self.fields)
        return [error]


class RecordError(ApiError):
    def item(self) -> dict[str, Any]:
        """The error object inside a collection's result, where the code is called `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class SeveralRecords(RecordError):
    def __init__(self, *, external_id: str, urls: list[str]) -> None:
        super().__init__(
            "DUPLICATE_EXTERNAL_ID",
            f"More than one record found for external id field: [{external_id}]",
            status=300,
        )
        self.urls = urls

    def body(self) -> list[Any]:
        return list(self.urls)


def not_found(message: str = "The requested resource does not exist") -> RecordError:
    return RecordError("NOT_FOUND", message, status=404)


def entity_is_deleted() -> RecordError:
    return RecordError("ENTITY_IS_DELETED", "entity is deleted", status=404)


def invalid_cross_reference(*fields: str) -> RecordError:
    return RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=fields)


def unknown_type(name: str) -> ApiError:
    return ApiError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
        "be sure to append the '__c' after the entity name. Please reference your WSDL or the "
        "describe call for the appropriate names.",
    )
