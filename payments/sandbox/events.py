"""Tells what happened: an event holds a snapshot of its object, taken now and never changed."""

from __future__ import annotations

import stripe
from stripe import Event

from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json, Rows
from payments.sandbox.work import Work

# The target given by --webhook or by control; endpoints made through the API have their own ids.
DEFAULT_TARGET = "default"


def emit(work: Work, type_: str, subject: Json) -> None:
    """Write the event and one delivery for each target that wants it."""
    targets = _targets(work.rows, type_)
    event = make(
        Event,
        id=new_id("evt"),
        api_version=stripe.api_version,
        created=work.now,
        data={"object": subject},
        pending_webhooks=len(targets),
        request={"id": work.request_id, "idempotency_key": work.idempotency_key},
        type=type_,
    )
    work.rows.add(event)
    delay = work.rows.setting("webhook_modes", {}).get("delay", 0)
    for target in targets:
        work.rows.db.execute(
            "INSERT INTO deliveries (event, target, state, due, first) VALUES (?, ?, 'pending', ?, ?)",
            (event["id"], target, work.now + delay, work.now),
        )


def _targets(rows: Rows, type_: str) -> list[str]:
    targets = [DEFAULT_TARGET] if rows.setting("webhook_target") else []
    for endpoint in rows.select("webhook_endpoint"):
        wanted = endpoint["enabled_events"]
        if endpoint["status"] == "enabled" and ("*" in wanted or type_ in wanted):
            targets.append(endpoint["id"])
    return targets


def with_pending(rows: Rows, event: Json) -> Json:
    """The event with its deliveries counted as they stand now."""
    sql = "SELECT count(*) FROM deliveries WHERE event = ? AND state = 'pending'"
    return {**event, "pending_webhooks": rows.db.execute(sql, (event["id"],)).fetchone()[0]}
