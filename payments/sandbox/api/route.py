"""One way into the API: method, path, the SDK's TypedDict for its parameters, and who answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from payments.sandbox.envelope import Answer
from payments.sandbox.store import Json
from payments.sandbox.work import Work

# Called with the checked parameters and the ids from the path, in the path's order. Gives the object, or a whole
# answer where a refusal leaves traces; an ApiError undoes all that the request did.
Handler = Callable[..., Json | Answer]


@dataclass(frozen=True)
class Route:
    method: str
    path: str  # "/v1/customers/{id}"
    shape: object  # a TypedDict of stripe.params
    handler: Handler

    def match(self, method: str, path: str) -> list[str] | None:
        """The ids in `path`, or None when this is not its route."""
        mine, given = self.path.split("/"), path.split("/")
        if method != self.method or len(mine) != len(given):
            return None
        ids = []
        for ours, theirs in zip(mine, given, strict=True):
            if ours == "{id}" and theirs:
                ids.append(theirs)
            elif ours != theirs:
                return None
        return ids

    def run(self, work: Work, params: Json, ids: list[str]) -> Json | Answer:
        return self.handler(work, params, *ids)
