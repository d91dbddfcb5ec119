"""Say prices: why this price (explain), how it compares (compare), what a quote is worth now (standings), why not
(refusals), and what the desk shows of prices and offers (desk)."""

from __future__ import annotations

from portal.pricing.words.affected import effect_columns as effect_columns
from portal.pricing.words.affected import lapsed_title as lapsed_title
from portal.pricing.words.affected import reach_sums as reach_sums
from portal.pricing.words.affected import reach_title as reach_title
from portal.pricing.words.affected import trial_sums as trial_sums
from portal.pricing.words.affected import trial_title as trial_title
from portal.pricing.words.agreed import METHODS as METHODS
from portal.pricing.words.agreed import PICKS as PICKS
from portal.pricing.words.agreed import SPECIAL_STATES as SPECIAL_STATES
from portal.pricing.words.agreed import VERSION_STATES as VERSION_STATES
from portal.pricing.words.agreed import agreement as agreement
from portal.pricing.words.agreed import special_chip as special_chip
from portal.pricing.words.compare import change_text as change_text
from portal.pricing.words.compare import coming as coming
from portal.pricing.words.compare import compare_last as compare_last
from portal.pricing.words.compare import early_until as early_until
from portal.pricing.words.compare import line_changes as line_changes
from portal.pricing.words.compare import saving as saving
from portal.pricing.words.compare import signed as signed
from portal.pricing.words.desk import BASE_KINDS as BASE_KINDS
from portal.pricing.words.desk import PROMOTION_KINDS as PROMOTION_KINDS
from portal.pricing.words.desk import condition as condition
from portal.pricing.words.desk import holding as holding
from portal.pricing.words.desk import offer_chip as offer_chip
from portal.pricing.words.desk import period as period
from portal.pricing.words.desk import segment_name as segment_name
from portal.pricing.words.desk import taken as taken
from portal.pricing.words.desk import takes_off as takes_off
from portal.pricing.words.desk import whom as whom
from portal.pricing.words.explain import EXEMPT_REASONS as EXEMPT_REASONS
from portal.pricing.words.explain import StepText as StepText
from portal.pricing.words.explain import explain as explain
from portal.pricing.words.explain import line_name as line_name
from portal.pricing.words.explain import seats_for as seats_for
from portal.pricing.words.explain import seats_label as seats_label
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
from portal.pricing.words.story import version_text as version_text
from portal.pricing.words.story import version_title as version_title
from portal.pricing.words.why import why as why
