"""R4: sources with one thing broken, that the proofs must catch: `python -m tests.torture.mutants [NAME…]`.

Each mutant runs a proof of its own in a fresh process whose imports read the changed source; nothing on disk
changes. A proof that finds nothing is worth nothing: then this fails.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from types import CodeType
from typing import Final

SECONDS: Final = 60
VARIABLE: Final = "TORTURE_MUTANT"


@dataclass(frozen=True)
class Mutant:
    """`old` in `module`'s source becomes `new`; `proof` is the command that must fail."""

    what: str
    module: str
    old: str
    new: str
    proof: tuple[str, ...]


_CRASH: Final = ("tests.torture.crash", "--stop-at", "1", "--scouts", "40", "--kills", "40", "--points")
_RACES: Final = ("tests.torture.races", "--rounds", "400")

MUTANTS: Final = {
    "no-key": Mutant(
        "the provider is asked without our key", "portal.checkout.flows.pages",
        "gateway().open_session(attempt.request, attempt.idempotency_key)",
        'gateway().open_session(attempt.request, "")',
        (*_CRASH, "ensure_page:open_session:after"),
    ),
    "random-key": Mutant(
        "each call to the provider has a key of its own", "portal.checkout.flows.refunding",
        "refund.idempotency_key, number_of(refund.subject))",
        '__import__("secrets").token_hex(8), number_of(refund.subject))',
        (*_CRASH, "_ask:refund:after"),
    ),
    "split-transaction": Mutant(
        "the order is paid in one transaction and the contract extended in the next",
        "portal.checkout.actions.captures",
        "    contracts.extend(",
        '    db.commit()\n    __import__("payments.crashpoints").crashpoints.reach("split")\n'
        "    contracts.extend(",
        (*_CRASH, "split"),
    ),
    "no-lock": Mutant(
        "an order's row is read without being held", "portal.orders.queries",
        "select(Order).where(Order.number == number).with_for_update()",
        "select(Order).where(Order.number == number)",
        (*_RACES, "--db", "postgres"),
    ),
    "trusting-the-payload": Mutant(
        "a completed page counts as paid, as its event seems to say", "payments.charges.rules",
        "    if truth.paid:\n        reason = mismatch",
        "    if truth.paid or truth.status is SessionStatus.COMPLETE:\n        reason = mismatch",
        (*_CRASH, "ground.conclude"),
    ),
    "no-unique": Mutant(
        "two attempts of an order may live", "payments.charges.models",
        '            unique=True,\n            sqlite_where=text("state IN',
        '            unique=False,\n            sqlite_where=text("state IN',
        (*_RACES, "--without-unique"),
    ),
    "amount-not-compared": Mutant(
        "whatever was paid is enough", "payments.charges.rules",
        'return "" if truth.amount_minor == asked.amount.minor else "amount"',
        'return ""',
        (*_CRASH, "ground.conclude"),
    ),
    "failed-refund-stays": Mutant(
        "a refund that failed stays in the books", "portal.checkout.actions.refunds",
        "    ledger.refund_failed(db, source, at, at)\n",
        "    pass\n",
        (*_CRASH, "_conclude_refund"),
    ),
}  # fmt: skip


def changed(mutant: Mutant, source: str) -> str:
    """The source with the one thing broken. Raises LookupError when the code has moved on."""
    if source.count(mutant.old) != 1:
        raise LookupError(f"{mutant.module} does not say it once any more: {mutant.old!r}")
    return source.replace(mutant.old, mutant.new)


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from a source that was changed in memory."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        code: CodeType = compile(changed(self.mutant, self.get_data(path).decode()), path, "exec")
        return code


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname, path, target=None):  # type: ignore[no-untyped-def]
        if fullname != self._mutant.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Changed(fullname, spec.origin)
            spec.loader.mutant = self._mutant
        return spec


def take_effect() -> None:
    """Called before anything else of ours is imported: reads the environment."""
    name = os.environ.get(VARIABLE)
    if name:
        sys.meta_path.insert(0, _Finder(MUTANTS[name]))


def caught(name: str) -> tuple[bool, float]:
    """Does the mutant's proof fail, as it must, and after how many seconds?"""
    began = time.monotonic()
    command = [sys.executable, "-c", _RUN, *MUTANTS[name].proof]
    done = subprocess.run(
        command, env={**os.environ, VARIABLE: name}, capture_output=True, text=True, timeout=600, check=False
    )
    found = done.returncode == 1 and "BROKEN" in done.stdout
    if not found:
        print(done.stdout[-2000:], done.stderr[-2000:])
    return found, time.monotonic() - began


# The finder must be there before the proof's imports.
_RUN: Final = (
    "import runpy, sys; from tests.torture import mutants; mutants.take_effect();"
    " module = sys.argv.pop(1); runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", help="only these")
    given = asked.parse_args()
    late = []
    for name in given.names or MUTANTS:
        found, seconds = caught(name)
        print(
            f"{name:22} {'caught' if found else 'NOT CAUGHT'} in {seconds:4.0f} s: {MUTANTS[name].what}",
            flush=True,
        )
        if not found or seconds > SECONDS:
            late.append(name)
    if late:
        print(f"not caught within {SECONDS} s: {', '.join(late)}")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main())
