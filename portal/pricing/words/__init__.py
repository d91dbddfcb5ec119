"""Say prices: why this price (explain), what a quote is worth now (standings), why not (refusals)."""

from __future__ import annotations

from portal.pricing.words.explain import StepText as StepText
from portal.pricing.words.explain import change_text as change_text
from portal.pricing.words.explain import compare_last as compare_last
from portal.pricing.words.explain import explain as explain
from portal.pricing.words.explain import line_name as line_name
from portal.pricing.words.explain import seats_for as seats_for
from portal.pricing.words.explain import seats_label as seats_label
from portal.pricing.words.explain import signed as signed
from portal.pricing.words.explain import tax_name as tax_name
from portal.pricing.words.explain import tax_note as tax_note
from portal.pricing.words.explain import term_label as term_label
from portal.pricing.words.explain import total_label as total_label
from portal.pricing.words.refusals import refusal as refusal
from portal.pricing.words.standings import STANDING_CHIPS as STANDING_CHIPS
from portal.pricing.words.standings import held_text as held_text
from portal.pricing.words.standings import names_list as names_list
from portal.pricing.words.standings import standing_label as standing_label
from portal.pricing.words.standings import standing_text as standing_text
from portal.pricing.words.standings import story_title as story_title
from portal.pricing.words.standings import term_text as term_text
