"""Decide what a receipt says about seller and buyer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.kit.db import Json


def particulars(
    seller: Mapping[str, str], company_name: str, invoice_details: Mapping[str, Any], po_number: str | None
) -> Json:
    """Seller and buyer as they stand on the day. `seller`: name, address, tax_id. The buyer's title is the
    company's name where none was given."""
    return {
        "seller": {key: seller.get(key, "") for key in ("name", "address", "tax_id")},
        "buyer": {
            "name": company_name,
            "title": invoice_details.get("title") or company_name,
            "tax_id": invoice_details.get("tax_id") or "",
            "address": invoice_details.get("address") or "",
            "po_number": po_number or "",
        },
    }


def receipt_number(year: int, serial: int) -> str:
    """R-2026-000089"""
    return f"R-{year}-{serial:06}"
