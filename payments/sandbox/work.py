"""What one transaction works with: the rows, the time, the settings, and who asked."""

from __future__ import annotations

from dataclasses import dataclass

from payments.sandbox.envelope import no_such
from payments.sandbox.store import Json, Rows


@dataclass(frozen=True)
class Settings:
    """Fixed when the sandbox starts."""

    settle_seconds: float = 5.0
    seller: str = ""
    browser_base: str = ""  # where a browser reaches us, when that is another address than the caller's


@dataclass(frozen=True)
class Work:
    """Handed to everything that acts. `now` is whole seconds of the sandbox's clock."""

    rows: Rows
    now: int
    settings: Settings
    origin: str = ""  # where the caller reached us, e.g. http://127.0.0.1:8420
    request_id: str | None = None
    idempotency_key: str | None = None

    def need(self, kind: str, id_: str, noun: str, param: str | None = None) -> Json:
        """The object, or Stripe's "No such …"."""
        found = self.rows.find(kind, id_)
        if found is None:
            raise no_such(noun, id_, param)
        return found
