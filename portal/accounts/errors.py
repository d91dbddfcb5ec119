"""What the accounts room refuses. Facts only; words.py has the sentences."""

from __future__ import annotations

from portal.kit.errors import Refusal


class LastOwner(Refusal):
    """The company would be left without an owner."""


class AlreadyMember(Refusal):
    """This person is in the company already. Fact: email."""


class StaffCannotJoin(Refusal):
    """Staff are not members of customers' companies. Fact: email."""


class EmailTaken(Refusal):
    """Somebody else has this e-mail. Fact: email."""


class StaleEdit(Refusal):
    """The row was changed since the form was opened."""


class NotYourself(Refusal):
    """Nobody grants to, or takes from, themselves."""


class StaffStay(Refusal):
    """Staff cannot be erased: what they did must stay told. An administrator takes their access away."""


class CoverReversed(Refusal):
    """The last day lies before the first."""


class LinkGone(Refusal):
    """A mailed link that was used, is too old, or never was."""
