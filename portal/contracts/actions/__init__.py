"""Change contracts: keeping them (create, correct, extend, decline) and returning what a sold term was (reverse,
restore, end early), tagging them. In the caller's transaction, each with its audit note."""

from __future__ import annotations

from portal.contracts.actions.ground import price_changed as price_changed
from portal.contracts.actions.ground import subject_of as subject_of
from portal.contracts.actions.keeping import correct_contract as correct_contract
from portal.contracts.actions.keeping import correct_term as correct_term
from portal.contracts.actions.keeping import create_contract as create_contract
from portal.contracts.actions.keeping import decline as decline
from portal.contracts.actions.keeping import extend as extend
from portal.contracts.actions.keeping import record_term as record_term
from portal.contracts.actions.keeping import undo_decline as undo_decline
from portal.contracts.actions.returning import end_early as end_early
from portal.contracts.actions.returning import restore as restore
from portal.contracts.actions.returning import reverse as reverse
from portal.contracts.actions.tagging import add_tag as add_tag
from portal.contracts.actions.tagging import tag_contract as tag_contract
