"""What a customer types for a fapiao, and how finance brings one, for tests."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from portal.documents.fapiao.models import FapiaoRequest, FapiaoState
from portal.kit.db import reading
from portal.orders.models import Order
from tests.web import post_form

USCC = "91110000600037341L"
NUMBER, RED = "2" * 20, "3" * 20
PDF = b"%PDF-1.7 made up"


def typed(**changes: str) -> dict[str, str]:
    given = {
        "kind": "general", "title": "极光科技有限公司", "tax_id": USCC, "registered_address": "",
        "phone": "", "bank": "",
        "account": "", "email": "finance@aurora.example",
    }  # fmt: skip
    return given | changes


SPECIAL = {
    "kind": "special",
    "registered_address": "上海市",
    "phone": "021-5555 0100",
    "bank": "工商银行",
    "account": "6222 0200 1234",
}


def path(order: Order) -> str:
    return f"/orders/{order.number}/fapiao"


def newest() -> FapiaoRequest:
    with reading() as db:
        found = db.scalars(select(FapiaoRequest).order_by(FapiaoRequest.id.desc())).first()
        assert found is not None
        return found


def issue(finance: FlaskClient, number: str = NUMBER, body: bytes = PDF, red: bool = False) -> Any:
    """Take the newest request up, if nobody did, and bring its number and file."""
    desk = f"/finance/fapiao/{newest().id}"
    if newest().state is FapiaoState.REQUESTED:
        post_form(finance, f"{desk}/take-up", version=str(newest().version))
    kept = (io.BytesIO(body), "../../whatever.exe")
    end = "issue-red" if red else "issue"
    return post_form(finance, f"{desk}/{end}", number=number, version=str(newest().version), file=kept)
