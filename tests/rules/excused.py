"""Where a rule of the house is broken with a reason. A breach that went away must leave this list, by a test."""

from __future__ import annotations

from typing import Final

INDEX: Final = "an index's condition, in the model, from our own constants"
EXCUSED: Final[dict[tuple[str, str], str]] = {
    ("no_float_money", "portal/contracts/imports/bars.py"): "seconds between two looks at the progress",
    ("no_float_money", "portal/contracts/imports/jobs.py"): "seconds of giving way to others",
    ("no_float_money", "portal/contracts/imports/pieces.py"): "seconds that a piece may take",
    ("no_float_money", "portal/contracts/rules.py"): "parts of a drawn line, and the confidence in a guess",
    ("no_float_money", "payments/gateway/stripe_calls.py"): "seconds until a call is given up",
    ("no_float_money", "payments/ledger/rules.py"): "a Decimal, rounded at once",
    ("one_clock", "portal/kit/clock.py"): "this is the clock",
    ("one_clock", "payments/gateway/stripe_facts.py"): "stands in for a time that the provider left out",
    ("one_clock", "payments/sandbox/clock.py"): "the sandbox has a clock of its own",
    ("one_clock", "payments/sandbox/webhooks.py"): "a signature is made of the real time",
    ("no_raw_sql", "portal/accounts/models.py"): INDEX,
    ("no_raw_sql", "portal/contracts/models.py"): INDEX,
    ("no_raw_sql", "portal/documents/fapiao/models.py"): INDEX,
    ("no_raw_sql", "portal/orders/models.py"): INDEX,
    ("no_raw_sql", "portal/pricing/models/agreed.py"): INDEX,
    ("no_raw_sql", "portal/pricing/models/book.py"): INDEX,
    ("no_raw_sql", "payments/charges/models.py"): INDEX,
    ("no_raw_sql", "portal/kit/bulk.py"): "COPY and executemany, with names from our models alone",
    ("no_raw_sql", "portal/kit/db.py"): "pragmas and BEGIN",
    ("no_raw_sql", "portal/kit/health.py"): "SELECT 1",
    ("no_raw_sql", "payments/sandbox/store.py"): "the sandbox's own file, with names from its own code",
    ("no_loose_ends", "portal/accounts/views/factors.py"): "squares that segno drew",
    ("no_loose_ends", "portal/checkout/views.py"): "Stripe shows its signature instead",
    ("no_loose_ends", "portal/surveys/views.py"): "the secret in the address is the proof",
    ("no_loose_ends", "portal/kit/errorpage.py"): "the page for when templates fail, from our own text",
    ("no_loose_ends", "portal/kit/i18n.py"): "marks languages around escaped text",
    ("known_ways_out", "portal/kit/mail.py"): "the mail server",
    ("known_ways_out", "portal/accounts/signin/sso.py"): "the staff's identity provider",
    ("known_ways_out", "payments/gateway/stripe_calls.py"): "the payment provider",
    ("known_ways_out", "portal/launch.py"): "`make run`: starts its two servers and looks whether they answer",
    ("known_ways_out", "portal/demo/shopper.py"): "the demo's customers, at the sandbox on this machine",
}  # fmt: skip
SAFE_IN_TEMPLATES: Final = {"templates/_kit/icons.html": "shapes that the same file holds"}
