"""What the contract desk asks. Dates, seats and prices are read as an import reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from payments.money import EXPONENTS, Money
from portal.contracts import queries, words
from portal.contracts.imports import cells
from portal.contracts.models import Contract, Product, Segment
from portal.contracts.rules import LineSpec
from portal.kit import i18n, web, zones
from portal.kit.forms import Form

MAX_LINES: Final = 100
SPARE_LINES: Final = 2


@dataclass(frozen=True)
class Choices:
    """What the selects offer: staff as (id, name), and products."""

    owners: Sequence[tuple[int, str]]
    products: Sequence[Product]


def reads(column: str) -> Any:
    """A validator: the field holds what an import's column may hold. The value is kept in `form.read`."""

    def check(form: ContractForm, field: Field) -> None:
        try:
            form.read[column] = cells.value(column, field.data or "")
        except cells.Wrong as wrong:
            raise ValidationError(words.cell_problem(wrong.code, wrong.facts)) from None

    return check


class ContractForm(Form):
    """What stands on the contract itself."""

    zone = SelectField(_l("Time zone"))
    language = SelectField(_l("Language of its mails"))
    segment = SelectField(_l("Segment"), choices=[(each.value, label) for each, label in words.SEGMENTS.items()])
    owner = SelectField(_l("Account manager"))
    version = HiddenField()

    def __init__(self, choices: Choices, contract: Contract | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read: dict[str, Any] = {}
        self.zone.choices = zones.choices(contract.zone if contract else None)
        spoken = [(language.code, language.own_name) for language in i18n.LANGUAGES.values()]
        self.language.choices = [("", _("As its company")), *spoken]
        owners = dict(choices.owners)
        if contract and contract.owner:
            owners.setdefault(contract.owner.id, contract.owner.name)
        self.owner.choices = [("", _("Nobody yet: the team's queue")), *((str(id), owners[id]) for id in owners)]

    def facts(self) -> dict[str, Any]:
        """As `actions.correct_contract` and `create_contract` take them."""
        return {
            "zone": self.zone.data,
            "language": self.language.data or None,
            "segment": Segment(self.segment.data),
            "owner_id": web.whole_number(self.owner.data),
        }


class TermForm(ContractForm):
    """The contract with the dates and lines of a term. Made by `with_lines`, which adds the lines' fields."""

    lines_count = 0

    currency = SelectField(_l("Currency"), choices=[(code, code) for code in sorted(EXPONENTS)])
    starts_on = StringField(_l("First day"), [reads("starts_on")])
    ends_on = StringField(_l("Last day"), [reads("ends_on")])

    def __init__(self, choices: Choices, contract: Contract | None = None, **kwargs: Any) -> None:
        super().__init__(choices, contract, **kwargs)
        self.lines: list[LineSpec] = []
        offered = [("", _("No product")), *((each.code, i18n.named(each.names)) for each in choices.products)]
        for place in range(self.lines_count):
            self[f"product_{place}"].choices = offered

    def validate(self, extra_validators: Any = None) -> bool:
        """Also reads the lines together with the currency, and the dates together."""
        good = bool(super().validate(extra_validators))  # type: ignore[no-untyped-call]
        starts_on, ends_on = self.read.get("starts_on"), self.read.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.refuse(words.cell_problem("dates_reversed", {}), "ends_on")
        typed = [place for place in range(self.lines_count) if any(self._line(place))]
        if not self.currency.errors:
            self.lines = [line for place in typed if (line := self._read_line(place))]
        if not typed and self.lines_count:
            self.refuse(_("Choose at least one product."), "product_0")
        return good and not self.errors

    def term(self) -> dict[str, Any]:
        """As `actions.correct_term` and `create_contract` take it."""
        starts_on: date = self.read["starts_on"]
        ends_on: date = self.read["ends_on"]
        return {"currency": self.currency.data, "starts_on": starts_on, "ends_on": ends_on, "lines": self.lines}

    def _line(self, place: int) -> tuple[str, str, str]:
        product, seats, price = (
            (self[f"{name}_{place}"].data or "").strip() for name in ("product", "seats", "price")
        )
        return product, seats, price

    def _read_line(self, place: int) -> LineSpec | None:
        product, seats, price = self._line(place)
        try:
            for name, text in (("product", product), ("seats", seats), ("price", price)):
                if not text:
                    raise cells.Wrong("required", field=name)
            return cells.line_in(product, seats, price, self.currency.data)
        except cells.Wrong as wrong:
            facts = dict(wrong.facts)
            field = str(facts.pop("field")).replace("unit_price", "price")
            self.refuse(words.cell_problem(wrong.code, facts), f"{field}_{place}")
            return None


class NewContractForm(TermForm):
    number = StringField(_l("Contract number"), [reads("contract_number")])
    company = StringField(_l("Company"), [reads("company")])


@lru_cache(maxsize=256)
def with_lines(base: type[TermForm], count: int) -> Any:
    """`base` with fields for `count` lines, flat, so that each error can lead to its own field."""
    fields: dict[str, Any] = {"lines_count": count}
    for place in range(count):
        fields[f"product_{place}"] = SelectField(_l("Product of line %(line)s", line=place + 1))
        fields[f"seats_{place}"] = StringField(_l("Seats of line %(line)s", line=place + 1))
        fields[f"price_{place}"] = StringField(_l("Price per seat and year of line %(line)s", line=place + 1))
    return type(base.__name__, (base,), fields)


def filled(contract: Contract) -> dict[str, Any]:
    """What the form of a contract begins with."""
    term = queries.last_term(contract)
    data: dict[str, Any] = {
        "zone": contract.zone, "language": contract.language or "", "segment": contract.segment.value,
        "owner": str(contract.owner_id or ""), "version": str(contract.version), "currency": contract.currency,
        "starts_on": term.starts_on.isoformat(), "ends_on": term.ends_on.isoformat(),
    }  # fmt: skip
    for place, line in enumerate(term.lines):
        data[f"product_{place}"] = line.product_code
        data[f"seats_{place}"] = str(line.seats)
        data[f"price_{place}"] = format(Money(line.unit_minor, contract.currency).major, "f")
    return data


class TagForm(Form):
    """A new tag."""

    name_en = StringField(_l("Name in English"), [DataRequired(_l("Please fill this in.")), Length(max=40)])
    name_zh = StringField(_l("Name in Chinese"), [DataRequired(_l("Please fill this in.")), Length(max=40)])
