"""What a step acts with."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import time_machine

from portal.contracts import queries as contracts
from portal.kit.db import reading
from portal.orders import queries as order_queries
from portal.orders.models import Order
from tests.torture.provider import Remote
from tests.torture.world import CONTRACT, OTHER

OWNER: Final = "person:1"


@dataclass
class Hands:
    """What a step acts with: the provider and its own chance, the same again under the same seed."""

    gateway: Remote
    chance: random.Random
    clock: time_machine.Traveller = field(repr=False)

    def order(self) -> Order:
        """Mostly the first contract's newest order."""
        number = CONTRACT if self.chance.random() < 0.8 else OTHER
        with reading() as db:
            contract = contracts.by_number(db, number)
            assert contract is not None
            return order_queries.of_contract(db, contract.id)[0]

    def sessions(self, status: str | None = None) -> list[str]:
        """Ids of the provider's pages."""
        pages = self.gateway.act("sessions")
        return [each.id for each in pages.values() if status in (None, each.status)]

    def charges(self) -> list[str]:
        """What the provider captured."""
        return [str(each.charge_id) for each in self.gateway.act("sessions").values() if each.paid]

    def pick(self, some: list[Any]) -> Any:
        return self.chance.choice(some) if some else None
