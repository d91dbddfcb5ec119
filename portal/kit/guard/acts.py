"""What somebody may do, and the doors that need no act."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What somebody may do. The first block is for customers, inside their own companies; the second for staff,
    across all companies."""

    SEE_CONTRACTS = "see_contracts"
    SEE_PRICES = "see_prices"
    RENEW = "renew"
    APPROVE = "approve"
    PAY = "pay"
    DECLINE = "decline"
    CHANGE_INVOICE_DETAILS = "change_invoice_details"
    MANAGE_MEMBERS = "manage_members"
    ANSWER_SURVEYS = "answer_surveys"

    READ_DESK = "read_desk"
    READ_PRICES = "read_prices"
    EDIT_PRICES = "edit_prices"
    TRY_PRICES = "try_prices"
    PUBLISH_PRICES = "publish_prices"
    PROPOSE_SPECIAL = "propose_special"
    GIVE_SPECIAL = "give_special"
    GRANT_SPECIAL = "grant_special"
    ACT_ON_DESK = "act_on_desk"
    SEE_PAYMENTS = "see_payments"
    SEE_REFUNDS = "see_refunds"
    REQUEST_REFUND = "request_refund"
    MOVE_MONEY = "move_money"
    SECOND_YES = "second_yes"
    EDIT_ACCOUNTS = "edit_accounts"
    EDIT_LIMITS = "edit_limits"
    CORRECT_RECORDS = "correct_records"
    CREATE_RECORDS = "create_records"
    READ_IMPORTS = "read_imports"
    INVITE_CUSTOMERS = "invite_customers"
    VIEW_AS_CUSTOMER = "view_as_customer"
    SET_COVER = "set_cover"
    SEE_ADDRESSES = "see_addresses"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    READ_STAFF = "read_staff"
    MANAGE_STAFF = "manage_staff"


class Door(StrEnum):
    """Routes that need no act."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    # For whoever is signed in, also before they have set up the second factor that they must have.
    SETTING_UP = "setting_up"


STAFF_ACTS = frozenset(
    {
        Act.READ_DESK,
        Act.READ_PRICES,
        Act.EDIT_PRICES,
        Act.TRY_PRICES,
        Act.PUBLISH_PRICES,
        Act.PROPOSE_SPECIAL,
        Act.GIVE_SPECIAL,
        Act.GRANT_SPECIAL,
        Act.ACT_ON_DESK,
        Act.SEE_PAYMENTS,
        Act.SEE_REFUNDS,
        Act.REQUEST_REFUND,
        Act.MOVE_MONEY,
        Act.SECOND_YES,
        Act.EDIT_ACCOUNTS,
        Act.EDIT_LIMITS,
        Act.CORRECT_RECORDS,
        Act.CREATE_RECORDS,
        Act.READ_IMPORTS,
        Act.INVITE_CUSTOMERS,
        Act.VIEW_AS_CUSTOMER,
        Act.SET_COVER,
        Act.SEE_ADDRESSES,
        Act.MANAGE_PEOPLE,
        Act.READ_AUDIT,
        Act.READ_STAFF,
        Act.MANAGE_STAFF,
    }
)


# Whoever does one of these has shown a moment ago that it is they.
ASKED_AGAIN = frozenset(
    {
        Act.MANAGE_PEOPLE,
        Act.PUBLISH_PRICES,
        Act.GIVE_SPECIAL,
        Act.GRANT_SPECIAL,
        Act.MOVE_MONEY,
        Act.SECOND_YES,
        Act.EDIT_ACCOUNTS,
        Act.EDIT_LIMITS,
        Act.MANAGE_STAFF,
    }
)
