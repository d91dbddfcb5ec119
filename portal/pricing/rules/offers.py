"""What can be offered to a contract on a day: the facts of its price, read from the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from payments.money import Money
from portal.kit.db import Json
from portal.pricing.errors import NothingToPay, PriceUnavailable, UnknownTerm
from portal.pricing.rules import promotions
from portal.pricing.rules.book import Book, DiscountRow, PriceRow, SpecialRow, in_force
from portal.pricing.rules.facts import Base, BaseKind, Discount, Group, LineFacts, Priced, PriceFacts, Tax, Uplift
from portal.pricing.rules.price import check_seats, document, price
from portal.pricing.rules.promotions import Occasion
from portal.pricing.rules.renewals import Method, renewal_of, uplift
from portal.pricing.rules.terms import Line, Term, WithTerms, last_term, running_since

_CLOSEST_FIRST: Final = tuple(BaseKind)


@dataclass(frozen=True, slots=True)
class Offer:
    """The price of one term length, not yet sealed; speaks like a quote: document, currency, months, totals."""

    months: int
    priced: Priced
    document: Json

    @property
    def currency(self) -> str:
        return self.priced.total.currency

    @property
    def net(self) -> Money:
        return self.priced.net

    @property
    def tax(self) -> Money:
        return self.priced.tax

    @property
    def total(self) -> Money:
        return self.priced.total

    @property
    def seats(self) -> int:
        """Seats of all lines together."""
        return sum(line.facts.seats for line in self.priced.lines)

    @property
    def early_days(self) -> int | None:
        """How many days before the end the price must be accepted; None when nothing in it asks for that."""
        early = [found for line in self.priced.lines if (found := line.facts.discount(Group.EARLY))]
        return max((int(each.facts["least"]) for each in early), default=None)

    @property
    def coupon(self) -> bool:
        """Did a coupon take something off?"""
        return any(line.facts.discount(Group.COUPON) for line in self.priced.lines)

    @property
    def promotions(self) -> frozenset[int]:
        """Ids of the offers that this price takes up."""
        taken = (each.promotion for line in self.priced.lines for each in line.facts.discounts)
        return frozenset(each for each in taken if each is not None)


def offers(book: Book, contract: WithTerms, seats: Sequence[int] | None, on: date) -> list[Offer]:
    """One offer for each term length on sale on `on`, shortest first; those that would cost nothing are left out.
    `seats`: one count for each line of the last term, None: as many as then. Raises PriceUnavailable,
    SeatsMissing, SeatsOutOfRange."""
    months = sorted({row.months for row in book.discounts if in_force([row], on)})
    if not months:
        raise PriceUnavailable(currency=book.currency, on=on.isoformat(), what="term")
    found = []
    for length in months:
        with suppress(NothingToPay):
            found.append(offer(book, contract, length, seats, on))
    if not found:
        raise NothingToPay(currency=book.currency, on=on.isoformat(), what="price")
    return found


def offer(book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date) -> Offer:
    """The price of `months` on `on`. Raises UnknownTerm, PriceUnavailable, SeatsMissing, SeatsOutOfRange."""
    priced = worked_out(book, contract, months, seats, on)
    return Offer(months, priced, document(priced, _names(last_term(contract).lines)))


def worked_out(book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date) -> Priced:
    """As `offer`, without the explanation that a reader would want."""
    term = last_term(contract)
    wanted = [line.seats for line in term.lines] if seats is None else list(seats)
    check_seats(wanted, len(term.lines))
    rule = in_force((row for row in book.discounts if row.months == months), on)
    if rule is None:
        raise UnknownTerm(months=months, on=on.isoformat())
    occasion = Occasion(months, term.ends_on, on, running_since(contract))
    lines = tuple(
        _line(book, term, line, count, rule, occasion) for line, count in zip(term.lines, wanted, strict=True)
    )
    priced = price(PriceFacts(book.currency, months, lines, rule.book))
    if not priced.total.minor:
        raise NothingToPay(currency=book.currency, on=on.isoformat(), what="price")
    return priced


def _names(lines: Sequence[Line]) -> list[Mapping[str, str]]:
    return [line.product.names for line in lines]


def _line(book: Book, term: Term, line: Line, seats: int, rule: DiscountRow, occasion: Occasion) -> LineFacts:
    code, on = line.product_code, occasion.on
    base, more = _start(book, term, line, on)
    exempt = in_force(book.exemptions, on)
    return LineFacts(
        product_code=code,
        seats=seats,
        base=base,
        tax=_tax(book, code, on),
        last_unit_minor=line.unit_minor,
        last_seats=line.seats,
        discounts=_discounts(book, code, rule, occasion),
        uplift=more,
        exemption=exempt.exemption if exempt else None,
    )


def _start(book: Book, term: Term, line: Line, on: date) -> tuple[Base, Uplift | None]:
    """Where a line's price starts: from the book, or from what was agreed about its next price."""
    agreed = renewal_of(book.renewals, line.product_code)
    if agreed.method is Method.LIST:
        return base_price(book, line.product_code, on), None
    if not line.unit_minor:  # imported without a price: there is nothing to keep
        raise PriceUnavailable(
            product_code=line.product_code, currency=book.currency, on=on.isoformat(), what="last"
        )
    row = _row(book, line.product_code, on)
    # Discounts are taken anew: a price that had them in it would be discounted again at each renewal.
    unit = line.undiscounted_minor or line.unit_minor
    kept = Base(None, unit, "", term.starts_on.isoformat(), row.floor_minor if row else None)
    return kept, uplift(agreed, book.indexes, on) if agreed.method is Method.UPLIFT else None


def base_price(book: Book, code: str, on: date) -> Base:
    """The price per seat and year that holds on `on`: the contract's own, else its segment's, else the list's
    (domain guide, section 2, step 1). Raises PriceUnavailable: a gap is never a price of nothing."""
    row = _row(book, code, on)
    if row is None:
        raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="price")
    return Base(row.kind, row.unit_minor, row.book, row.valid_from.isoformat(), row.floor_minor)


def _row(book: Book, code: str, on: date) -> PriceRow | None:
    mine = [row for row in book.prices if row.product_code == code]
    for kind in _CLOSEST_FIRST:
        row = in_force([row for row in mine if row.kind is kind], on)
        if row is not None:
            return row
    return None


def _discounts(book: Book, code: str, rule: DiscountRow, occasion: Occasion) -> tuple[Discount, ...]:
    """The best discount of each group for a line: `rule` is what the book takes off for the term's length."""
    told = {"months": rule.months, "basis_points": rule.basis_points, "book": rule.book}
    found = [Discount(Group.TERM, "term_discount", rule.basis_points, told, book=rule.book)]
    found += [
        promotions.as_discount(row, occasion)
        for row in sorted(book.promotions, key=lambda row: row.id)
        if promotions.fits(row, code, book.currency, occasion)
    ]
    found += [_granted(row) for row in book.specials if occasion.on < row.valid_to]
    return tuple(each for each in promotions.best(found) if each.basis_points or each.amount_minor)


def _granted(row: SpecialRow) -> Discount:
    last = row.valid_to - timedelta(days=1)
    told: Json = {"special": row.id, "basis_points": row.basis_points, "until": last.isoformat()}
    return Discount(Group.SPECIAL, "special_price", row.basis_points, told)


def _tax(book: Book, code: str, on: date) -> Tax:
    own = in_force((row for row in book.taxes if row.product_code == code), on)
    row = own or in_force((row for row in book.taxes if row.product_code is None), on)
    if row is None:
        raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="tax")
    return row.tax
