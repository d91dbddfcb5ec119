"""Lists as Stripe gives them: newest first, by cursor in both directions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from payments.sandbox.envelope import ApiError, no_such
from payments.sandbox.store import Json, Rows

COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
COMMON = frozenset({"limit", "starting_after", "ending_before", "created"})


@dataclass
class Filter:
    """Conditions on one kind of object, collected in SQL with its arguments."""

    kind: str
    clauses: list[str] = field(default_factory=list)
    args: list[Any] = field(default_factory=list)

    def add(self, clause: str, *args: Any) -> Filter:
        self.clauses.append(clause)
        self.args += args
        return self

    def equals(self, name: str, value: Any) -> Filter:
        """The field `name` (dots go deeper) is `value`; a filter that was not given narrows nothing."""
        if value is None:
            return self
        return self.add("json_extract(body, ?) = ?", f"$.{name}", value)

    def created(self, when: int | Json | None) -> Filter:
        if isinstance(when, int):
            return self.add("created = ?", when)
        for name, instant in (when or {}).items():
            self.add(f"created {COMPARE[name]} ?", instant)
        return self

    @property
    def where(self) -> str:
        return " AND ".join(self.clauses) or "1"


def page(rows: Rows, wanted: Filter, params: Json, url: str, noun: str) -> Json:
    """One page. `ending_before` gives the page just before that object, still newest first, so that reading
    on walks from old to new."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError("Invalid limit: must be between 1 and 100", code="parameter_invalid_integer", param="limit")
    wanted.created(params.get("created"))
    backwards = _cursor(rows, wanted, params, noun)
    tail = f"ORDER BY seq {'ASC' if backwards else 'DESC'} LIMIT {limit + 1}"
    found = rows.select(wanted.kind, wanted.where, wanted.args, tail)
    data = found[:limit]
    if backwards:
        data.reverse()
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": data}


def _cursor(rows: Rows, wanted: Filter, params: Json, noun: str) -> bool:
    """Narrow to one side of the cursor; True when the page must be read from old to new."""
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise ApiError("You can only set one of starting_after and ending_before.", param="ending_before")
    name = "starting_after" if after else "ending_before"
    cursor = after or before
    if cursor:
        place = rows.position(wanted.kind, cursor)
        if place is None:
            raise no_such(noun, cursor, param=name)
        wanted.add("seq < ?" if after else "seq > ?", place)
    return bool(before)


def slice_of(data: list[Json], params: Json, url: str) -> Json:
    """A page of a short list that lies inside another object (line items), in its own order."""
    limit = params.get("limit", 10)
    ids = [item["id"] for item in data]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise no_such("line item", params[name], param=name)
    start = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    stop = ids.index(params["ending_before"]) if "ending_before" in params else len(ids)
    if "ending_before" in params:
        start = max(0, stop - limit)
    shown = data[start : min(stop, start + limit)]
    more = start > 0 if "ending_before" in params else start + len(shown) < stop
    return {"object": "list", "url": url, "has_more": more, "data": shown}
