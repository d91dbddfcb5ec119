"""Refusals in Stripe's own words: `{"error": {"type", "code", "param", "message", …}}`."""

from __future__ import annotations

from dataclasses import dataclass, field

from payments.sandbox.store import Json


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A refusal.

    `kept` says whether an idempotency key remembers it: Stripe keeps what happened after execution began, not
    the parameter errors found before it.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type_: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        facts = {"code": code, "message": message, "param": param, "type": type_, **more}
        self.error = {name: value for name, value in facts.items() if value is not None}

    def answer(self) -> Answer:
        return Answer(self.status, {"error": self.error})


def no_such(noun: str, id_: str, param: str | None = None) -> ApiError:
    """An id in the path that nobody knows is 404; one in a parameter is 400."""
    message = f"No such {noun}: '{id_}'"
    return ApiError(message, status=400 if param else 404, code="resource_missing", param=param or "id")


def unbuilt(what: str, param: str | None = None) -> ApiError:
    """Refused rather than ignored: an ignored parameter would look as if it worked."""
    return ApiError(f"The local sandbox does not build {what}.", code="sandbox_unsupported", param=param)


def wrong_state(message: str, **more: object) -> ApiError:
    return ApiError(message, kept=True, **more)  # type: ignore[arg-type]
