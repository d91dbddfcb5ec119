"""What finance's pages say; what things of money are called on the others too."""

from __future__ import annotations

from portal.finance.words.payments import ACCOUNTS as ACCOUNTS
from portal.finance.words.payments import ENTRIES as ENTRIES
from portal.finance.words.payments import UNMATCHED as UNMATCHED
from portal.finance.words.payments import columns as columns
from portal.finance.words.payments import method as method
from portal.finance.words.payments import posting as posting
from portal.finance.words.returns import missing as missing
from portal.finance.words.returns import reason as reason
from portal.finance.words.returns import why as why
