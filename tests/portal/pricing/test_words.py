"""What people read about a price, in English; numbers and signs as the look wants them."""

from __future__ import annotations

import ast
import inspect
from datetime import date

import pytest

from payments.money import Money
from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.pricing import errors, rules, words
from portal.pricing.rules import QuoteStanding
from portal.pricing.words import StepText
from tests.portal.pricing.make import INCLUSIVE_6, ON, book, contract
from tests.portal.pricing.scene import sealed, staged

pytestmark = pytest.mark.usefixtures("app")
JANUARY = date(2026, 1, 1)


def offer(
    *lines: tuple[str, int, int], months: int = 24, seats: list[int] | None = None, tax: rules.Tax = INCLUSIVE_6
) -> rules.Offer:
    prices = [("insight", 105_000, JANUARY, None), ("backup", 50_000, JANUARY, None)]
    return rules.offer(book(prices, ((None, tax),)), contract(*lines), months, seats, ON)


def texts(told: rules.Offer) -> list[StepText]:
    return words.explain(told.document["steps"], told.currency, told.document["lines"])


def test_steps_of_a_two_year_renewal() -> None:
    assert texts(offer(("insight", 20, 100_000))) == [
        StepText(
            "Price per seat and year, list",
            "Price book 2026-07, in force since 1 January 2026; your last term: 1,000.00",
            "",
            "1,050.00",
        ),
        StepText("20 seats × 2 years", "Seats unchanged", "", "42,000.00"),
        StepText("24-month term, −8%", "Price book 2026-07, rule TERM-24", "−3,360.00", "38,640.00"),
    ]


def test_singular_other_seats_unknown_last_price_and_added_tax() -> None:
    found = texts(offer(("insight", 3, 0), months=12, seats=[1], tax=rules.Tax("vat", 1900, False)))
    assert found[0].reason == "Price book 2026-07, in force since 1 January 2026"
    assert (found[1].title, found[1].reason) == ("1 seat × 1 year", "3 seats in your last term")
    assert found[2] == StepText("VAT, 19%", "Added to the net price", "+199.50", "1,249.50")


def test_odd_months_are_told_in_months() -> None:
    steps = [{"line": 0, "code": "seats", "facts": {"seats": 2, "months": 18, "last_seats": 2}, "change_minor": 0,
              "result_minor": 315_000}]  # fmt: skip
    assert words.explain(steps, "CNY")[0].title == "2 seats × 18 months"


def test_several_lines_are_told_one_after_the_other_by_name() -> None:
    titles = [text.title for text in texts(offer(("insight", 2, 1), ("backup", 1, 1)))]
    assert titles == [
        "Insight: Price per seat and year, list",
        "Insight: 2 seats × 2 years",
        "Insight: 24-month term, −8%",
        "Backup: Price per seat and year, list",
        "Backup: 1 seat × 2 years",
        "Backup: 24-month term, −8%",
    ]


def test_figures_follow_the_currency() -> None:
    steps = [{"line": 0, "code": "term_discount", "facts": {"months": 24, "basis_points": 825, "book": "b"},
              "change_minor": -64_000, "result_minor": 736_000}]  # fmt: skip
    (yen,) = words.explain(steps, "JPY")
    assert (yen.title, yen.change, yen.result) == ("24-month term, −8.25%", "−64,000", "736,000")
    (dinar,) = words.explain(steps, "KWD")
    assert (dinar.change, dinar.result) == ("−64.000", "736.000")


@pytest.mark.parametrize(
    ("tax", "label", "note"),
    [
        (
            INCLUSIVE_6,
            "You pay, VAT included",
            "Includes 6% VAT of CN¥2,187.17 on a net price of CN¥36,452.83.",
        ),
        (
            rules.Tax("gst", 900, False),
            "You pay, GST added",
            "9% GST of CN¥3,477.60 is added to the net price of CN¥38,640.00.",
        ),
        (rules.Tax("none", 0, False), "You pay", "No tax is charged."),
        (
            rules.Tax("sales_tax", 825, False),
            "You pay, sales tax added",
            "8.25% sales tax of CN¥3,187.80 is added to the net price of CN¥38,640.00.",
        ),
        (
            rules.Tax("consumption_tax", 1000, True),
            "You pay, consumption tax included",
            "Includes 10% consumption tax of CN¥3,512.73 on a net price of CN¥35,127.27.",
        ),
    ],
)
def test_tax(tax: rules.Tax, label: str, note: str) -> None:
    told = offer(("insight", 20, 100_000), tax=tax)
    assert (words.total_label(told), words.tax_note(told)) == (label, note)


@pytest.mark.parametrize(
    ("inclusive", "note"),
    [
        (True, "Includes VAT of CN¥149.10 on a net price of CN¥1,400.90; the rate differs by product."),
        (False, "CN¥166.50 VAT is added to the net price of CN¥1,550.00; the rate differs by product."),
    ],
)
def test_tax_that_differs_by_product(inclusive: bool, note: str) -> None:
    rates = ((None, rules.Tax("vat", 600, inclusive)), ("insight", rules.Tax("vat", 1300, inclusive)))
    prices = [("insight", 105_000, JANUARY, None), ("backup", 50_000, JANUARY, None)]
    told = rules.offer(book(prices, rates), contract(("insight", 1, 1), ("backup", 1, 1)), 12, None, ON)
    assert words.tax_note(told) == note


@pytest.mark.parametrize(
    ("last", "seats", "sentence"),
    [
        (100_000, 20, "Per year you pay CN¥680.00 less than in your last term: CN¥19,320.00 after CN¥20,000.00."),
        (90_000, 20, "Per year you pay CN¥1,320.00 more than in your last term: CN¥19,320.00 after CN¥18,000.00."),
        (96_600, 20, "Per year you pay the same as in your last term: CN¥19,320.00."),
        (0, 20, None),
    ],
)
def test_compared_with_the_last_term(last: int, seats: int, sentence: str | None) -> None:
    assert words.compare_last(offer(("insight", seats, last))) == sentence


def test_compared_without_the_tax_where_prices_stand_without_it() -> None:
    told = offer(("insight", 20, 96_600), tax=rules.Tax("vat", 1900, False))
    assert words.compare_last(told) == "Per year you pay the same as in your last term: CN¥19,320.00."


def test_a_price_worked_out_again() -> None:
    old, new = Money(1_000_00, "CNY"), Money(1_420_00, "CNY")
    assert words.change_text(old, new) == "The price changed by +CN¥420.00, from CN¥1,000.00 to CN¥1,420.00."
    assert words.change_text(new, old) == "The price changed by −CN¥420.00, from CN¥1,420.00 to CN¥1,000.00."
    assert words.change_text(old, old) == "The price is the same as before."
    assert words.signed(Money(0, "CNY")) == "CN¥0.00"


def test_a_quote_and_its_offer_are_told_alike() -> None:
    """One price, one wording: the sealed quote says what the preview said."""
    quote = sealed(staged())
    document = quote.document
    assert words.explain(document["steps"], quote.currency, document["lines"])[2].change == "−3,200.00"
    assert words.tax_note(quote) == "Includes 6% VAT of CN¥2,083.02 on a net price of CN¥34,716.98."
    assert words.line_name(document["lines"][0]) == "Insight Analytics, Business"
    with i18n.speaking("zh"):
        assert words.line_name(document["lines"][0]) == "洞察分析 商业版"


REFUSALS: list[tuple[Refusal, str]] = [
    (errors.PriceUnavailable(), "We have no price for this yet. Ask us; you are not charged."),
    (errors.NothingToPay(),
     "Nothing would be left to pay. Ask us; a renewal for nothing is for people to decide."),
    (errors.UnknownTerm(months=18, on="2026-11-22"), "Choose one of the term lengths shown."),
    (errors.SeatsMissing(expected=2, given=1), "Give a number of seats for each product."),
    (errors.SeatsOutOfRange(line=0, seats=0, least=1, most=10**6), "Seats: a whole number from 1 to 1,000,000."),
    (errors.QuoteNotValid(quote_id="Q", standing=QuoteStanding.OUTDATED),
     "The contract, or what was agreed about its price, changed after this price was worked out. Work out today's"
     " price."),
    (errors.ContractHasOpenOrder(number="CT-1"),
     "Contract CT-1 has an open order, so nothing was changed. Cancel it first, or let the customer go on with"
     " it."),
    (errors.NobodyToSendTo(company="Aurora"),
     "Nobody at Aurora may renew yet. Invite an owner or a renewer first; nothing was sent."),
    (errors.SentToday(names=["Lin Yue", "Mark Weber"]),
     "Lin Yue and Mark Weber got this price today. Nobody gets it twice in a day."),
    (errors.PeriodOverlap(valid_from="2026-01-01", valid_to="2026-07-01"),
     "Another row already holds on some of these days: from 1 January 2026 until, and without, 1 July 2026. "
     "Nothing was added."),
    (errors.PeriodOverlap(valid_from="2026-01-01", valid_to=None),
     "Another row already holds on some of these days: since 1 January 2026, without an end. Nothing was added."),
    (errors.PeriodReversed(), "The last day must come after the first."),
    (errors.AmountOutOfRange(amount=0, least=1, most=1000), "The figure must lie between 1 and 1,000."),
    (errors.NotCharged(currency="KWD", step=10),
     "Cards are charged in KWD in steps of 10 of the smallest unit; end the price on a 0."),
    (errors.ForeignCurrency(number="CT-1", currency="CNY"),
     "Contract CT-1 is in CNY; give its price in that currency."),
    (errors.ProductNotInContract(number="CT-1", product_code="backup"),
     "Contract CT-1 does not have this product; choose one of its products."),
    (errors.NotToBeEnded(earliest="2026-11-22", valid_to=None),
     "Choose a day after 22 November 2026. What has begun can only be ended, not taken back."),
    (errors.NotToBeEnded(earliest="2026-11-22", valid_to="2027-01-01"),
     "Choose a day after 22 November 2026 and before 1 January 2027, when it ends anyway."),
    (errors.EndedMeanwhile(valid_to=None),
     "Not saved: somebody changed its end meanwhile. It has none now; set yours again if it counts."),
    (errors.EndedMeanwhile(valid_to="2026-12-20"),
     "Not saved: somebody let it end on 20 December 2026 meanwhile. Set yours again if it shall count instead."),
    (errors.CodeTaken(code="SPRING26"), "The code SPRING26 was given out before. Choose another."),
    (errors.PromotionUsedUp(names={"en": "Autumn", "zh_Hans_CN": "秋季优惠"}),
     "The offer “Autumn” has just been used up by others. Here is today's price without it."),
    (errors.NotADraft(), "It is no draft any more, so nothing was changed."),
    (errors.OwnDraft(), "Somebody else must look at it: nobody says yes to their own."),
    (errors.ChangedMeanwhile(),
     "Somebody changed it since you opened this page, so nothing was saved. Here it is as it stands now."),
    (errors.BegunAlready(valid_from="2026-11-01"),
     "Its first day, 1 November 2026, is over, and what was sold since stays as it was. Change the day first."),
    (errors.NoRate(), "Type a rate, or choose an index."),
    (errors.AlreadyProposed(number="CT-1"), "A special price for contract CT-1 waits for a decision already."),
    (errors.AboveLimit(basis_points=1500, limit=1000),
     "15% is more than the 10% that you may agree to; finance decides."),
    (errors.TwoOfAKind(product_code="insight", currency="CNY"),
     "This version has a price for the same product, currency and customers."),
    (errors.NothingToPublish(), "This version has no prices yet."),
    (errors.NothingToRevert(), "This version replaced no price, so there is none to bring back."),
    (errors.NotTried(), "See who is affected first: this version was not tried as it stands."),
    (errors.GapAhead(product_code="insight", currency="CNY", on="2027-01-01"),
     "From 1 January 2027 no price of insight in CNY would be left. Add the price that follows first."),
    (errors.PriceInTheWay(
        product_code="insight", currency="CNY", book="2027-01", valid_from="2027-01-01", valid_to=None),
     "insight in CNY has a price of version 2027-01 since 1 January 2027, without an end. Choose a first day after"
     " that one began, an end before it, or bring that version back first. Nothing was published."),
    (errors.OfVersion(book="2027-01"),
     "This price came with version 2027-01, of which customers were told. Bring the earlier prices back from the"
     " version’s page."),
    (errors.FollowedByAnother(book="2027-02"),
     "The price of version 2027-02 follows this one already; bring that back first."),
    (errors.IndexKnown(series="CPI", month="2026-06-01", basis_points=320),
     "CPI of June 2026 is 3.2% already. Save once more if yours counts instead."),
    (errors.NotOneOf(field="method", value="never", known=["list", "same"]),
     "method: “never” is none of list, same."),
    (errors.NotAPercentage(field="rate", least="0", most="100"),
     "rate: a number from 0 to 100, such as 3 or 2.5."),
    (errors.NoSuchContract(number="CT-0"), "There is no contract CT-0."),
    (errors.AgreedTwice(number="CT-1", row=5),
     "Row 5 says something else about contract CT-1 already; keep one of the two."),
    (errors.MixedTax(country="CN", inclusive=True), "Prices in CN already stand with tax included."),
    (errors.MixedTax(country="US", inclusive=False), "Prices in US already stand without tax."),
    *(
        (errors.ContractNotRenewable(standing=standing, ends_on="2027-05-31", opens_on="2026-12-02"), sentence)
        for standing, sentence in (
            ("renewed", "This contract is already renewed."),
            ("declined", "This contract was set to end on 31 May 2027. Undo that first, then renew."),
            ("upcoming", "This contract can be renewed from 2 December 2026."),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS)
def test_refusals_have_sentences(refusal: Refusal, sentence: str) -> None:
    assert words.refusal(refusal) == sentence


def test_no_refusal_is_without_a_sentence() -> None:
    module = ast.parse(inspect.getsource(errors))
    named = {node.name for node in module.body if isinstance(node, ast.ClassDef)}
    assert named == {type(refusal).__name__ for refusal, _sentence in REFUSALS}
