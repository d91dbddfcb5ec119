"""Two hundred more companies and their people, drawn from `names` by a seeded draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts.models import Company, CompanyRole, Person
from portal.contracts.models import Segment
from portal.demo import names, people
from portal.demo.book import BY

AMERICAN, CHINESE, JAPANESE = 84, 80, 44
US_ZONES: Final = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
SEGMENTS: Final = {Segment.STRATEGIC: 12, Segment.STANDARD: 55, Segment.SMALL: 33}  # in a hundred
# Beside its owner a company has these, each in so many of a hundred.
MORE_PEOPLE: Final = {CompanyRole.BILLING: 45, CompanyRole.RENEWER: 20, CompanyRole.VIEWER: 25}


@dataclass(frozen=True)
class Wanted:
    """A company to be made; `domain` is where its people's mail goes."""

    name: str
    domain: str
    country: str
    language: str
    zone: str


@dataclass(frozen=True)
class Customer:
    """A company of the demo, how large it is, and who renews for it."""

    company: Company
    segment: Segment
    owner: Person


def write(db: Session, draw: Random, hashed: str, at: datetime) -> list[Customer]:
    """Make the companies and their people."""
    wanted = [*_american(draw), *_chinese(draw), *_japanese(draw)]
    draw.shuffle(wanted)
    made = [
        accounts.create_company(
            db, name=each.name, country=each.country, language=each.language, zone=each.zone, by=BY, at=at
        )
        for each in wanted
    ]
    crews = [list(_crew(draw, each, hashed, at)) for each in wanted]
    db.add_all(who for crew in crews for _role, who in crew)
    db.flush()
    for company, crew in zip(made, crews, strict=True):
        db.add_all(people.joined(company, who, role, at) for role, who in crew)
    db.flush()
    sizes = draw.choices(list(SEGMENTS), list(SEGMENTS.values()), k=len(made))
    return [
        Customer(company, segment, crew[0][1]) for company, segment, crew in zip(made, sizes, crews, strict=True)
    ]


def _american(draw: Random) -> Iterator[Wanted]:
    pairs = draw.sample(list(product(names.EN_BRANDS, names.EN_TRADES)), AMERICAN - len(names.EN_LONG))
    for brand, trade in pairs:
        name = f"{brand} {trade} {draw.choice(names.EN_FORMS)}"
        yield Wanted(name, _domain(brand, trade), "US", "en", draw.choice(US_ZONES))
    for number, name in enumerate(names.EN_LONG, start=1):
        yield Wanted(name, f"long{number}.example", "US", "en", draw.choice(US_ZONES))


def _chinese(draw: Random) -> Iterator[Wanted]:
    pairs = draw.sample(list(product(names.ZH_BRANDS, names.ZH_TRADES)), CHINESE - len(names.ZH_LONG))
    found = [
        (f"{brand}{trade}（{draw.choice(names.ZH_CITIES)}）有限公司", f"{letters}-{latin}")
        for (brand, letters), (trade, latin) in pairs
    ]
    for name, domain in [*found, *names.ZH_LONG]:
        language = "en" if draw.random() < 0.15 else "zh_Hans_CN"
        yield Wanted(name, f"{domain}.example", "CN", language, "Asia/Shanghai")


def _japanese(draw: Random) -> Iterator[Wanted]:
    pairs = draw.sample(list(product(names.JA_BRANDS, names.JA_TRADES)), JAPANESE - len(names.JA_LONG))
    shapes = ("株式会社{}", "{}株式会社", "有限会社{}")
    found = [
        (draw.choice(shapes).format(brand + trade), f"{letters}-{latin}")
        for (brand, letters), (trade, latin) in pairs
    ]
    for name, domain in [*found, *names.JA_LONG]:
        yield Wanted(name, f"{domain}.example", "JP", "en", "Asia/Tokyo")


def _domain(*parts: str) -> str:
    return "-".join(parts).lower().replace(" ", "") + ".example"


def _crew(draw: Random, of: Wanted, hashed: str, at: datetime) -> Iterator[tuple[CompanyRole, Person]]:
    """The owner first, then a few more; nobody's name twice in a company."""
    roles = [CompanyRole.OWNER, *(role for role, share in MORE_PEOPLE.items() if draw.random() * 100 < share)]
    taken: set[str] = set()
    for role in roles:
        name, mailbox = _somebody(draw, of.country)
        while mailbox in taken:
            name, mailbox = _somebody(draw, of.country)
        taken.add(mailbox)
        yield role, people.person(f"{mailbox}@{of.domain}", name, of.language, hashed, at)


def _somebody(draw: Random, country: str) -> tuple[str, str]:
    """A name and the mailbox that goes with it."""
    if country == "CN":
        (last, last_letters), (first, first_letters) = draw.choice(names.ZH_LAST), draw.choice(names.ZH_FIRST)
        return last + first, f"{first_letters}.{last_letters}"
    firsts, lasts = (names.JA_FIRST, names.JA_LAST) if country == "JP" else (names.EN_FIRST, names.EN_LAST)
    first, last = draw.choice(firsts), draw.choice(lasts)
    return f"{first} {last}", f"{first}.{last}".lower()
