"""What pricing does in the background: mails about quotes (quotes), trials of drafts (trials), letters about price
changes (notices)."""

from __future__ import annotations

from portal.pricing.jobs.notices import TELL as TELL
from portal.pricing.jobs.notices import tell_of_prices as tell_of_prices
from portal.pricing.jobs.quotes import mail_quote_sent as mail_quote_sent
from portal.pricing.jobs.quotes import void_outdated_quotes as void_outdated_quotes
from portal.pricing.jobs.trials import work_on_trials as work_on_trials
