"""Decide about fapiao: which orders have one, what a buyer must tell, what its file is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from portal.documents.fapiao.errors import NotAFapiao
from portal.documents.fapiao.models import FapiaoKind
from portal.orders.models import OrderState
from portal.pricing.rules import portion

COUNTRY: Final = "CN"
CURRENCY: Final = "CNY"
FILE_MAX: Final = 5_000_000
_NUMBER: Final = re.compile(r"\d{20}", re.ASCII)
# OFD is a ZIP; nothing is opened here, the file goes back to its buyer as it came.
_BEGINNINGS: Final = {"pdf": b"%PDF-", "ofd": b"PK\x03\x04", "xml": b"<?xml"}
_MARK: Final = b"\xef\xbb\xbf"
MEDIA: Final = {"pdf": "application/pdf", "ofd": "application/ofd", "xml": "application/xml"}
_CALLED_OFF: Final = frozenset({OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REFUNDED})
# Provinces differ in what a special one needs; with all six it is taken everywhere (domain guide, section 2).
_GENERAL: Final = ("title", "tax_id", "email")
_SPECIAL: Final = ("title", "tax_id", "registered_address", "phone", "bank", "account", "email")


def possible(country: str, currency: str, state: OrderState) -> bool:
    """Can an order of a company in `country` have a fapiao now, before its payment or after it?"""
    return (country, currency) == (COUNTRY, CURRENCY) and state not in _CALLED_OFF


def required(kind: FapiaoKind) -> tuple[str, ...]:
    """What the buyer must tell for this kind."""
    return _SPECIAL if kind is FapiaoKind.SPECIAL else _GENERAL


def missing(kind: FapiaoKind, buyer: Mapping[str, str]) -> list[str]:
    """Names of what the buyer has not told yet."""
    return [name for name in required(kind) if not buyer.get(name)]


def tax_in(order_tax: int, order_total: int, since: int, minor: int) -> int:
    """The tax in `minor` of an order's total, of which `since` went before, in minor units: cumulative, so that
    the parts add up to the order's tax (domain guide, section 2, "refunds")."""
    return portion(order_tax, since + minor, order_total) - portion(order_tax, since, order_total)


def is_number(text: str) -> bool:
    """Is it the number of a fapiao (数电票: 20 digits)?"""
    return _NUMBER.fullmatch(text) is not None


def file_kind(beginning: bytes) -> str:
    """ "pdf", "ofd" or "xml" by a file's first bytes, whatever it is called. Raises NotAFapiao."""
    for kind, mark in _BEGINNINGS.items():
        if beginning.removeprefix(_MARK).startswith(mark):
            return kind
    raise NotAFapiao
