"""Change companies, members, staff, and people's own settings."""

from __future__ import annotations

from portal.accounts.actions.companies import NewCompany as NewCompany
from portal.accounts.actions.companies import (
    change_invoice_details as change_invoice_details,
)
from portal.accounts.actions.companies import correct_company as correct_company
from portal.accounts.actions.companies import create_companies as create_companies
from portal.accounts.actions.companies import create_company as create_company
from portal.accounts.actions.companies import renew_search_keys as renew_search_keys
from portal.accounts.actions.companies import write_search_keys as write_search_keys
from portal.accounts.actions.erasing import ERASERS as ERASERS
from portal.accounts.actions.erasing import erase as erase
from portal.accounts.actions.links import consume_link as consume_link
from portal.accounts.actions.links import make_link as make_link
from portal.accounts.actions.members import NewMember as NewMember
from portal.accounts.actions.members import accept_invitations as accept_invitations
from portal.accounts.actions.members import add_member as add_member
from portal.accounts.actions.members import add_members as add_members
from portal.accounts.actions.members import change_role as change_role
from portal.accounts.actions.members import invite as invite
from portal.accounts.actions.members import remove_member as remove_member
from portal.accounts.actions.people import CODE_MAIL as CODE_MAIL
from portal.accounts.actions.people import ask_for_reset as ask_for_reset
from portal.accounts.actions.people import change_profile as change_profile
from portal.accounts.actions.people import choose_language as choose_language
from portal.accounts.actions.people import end_other_sessions as end_other_sessions
from portal.accounts.actions.people import end_session as end_session
from portal.accounts.actions.people import end_sessions_of as end_sessions_of
from portal.accounts.actions.people import forget_devices as forget_devices
from portal.accounts.actions.people import forget_links as forget_links
from portal.accounts.actions.people import forget_requests as forget_requests
from portal.accounts.actions.people import forget_sessions as forget_sessions
from portal.accounts.actions.people import set_password as set_password
from portal.accounts.actions.staff import change_staff_role as change_staff_role
from portal.accounts.actions.staff import cover as cover
from portal.accounts.actions.staff import create_admin as create_admin
from portal.accounts.actions.staff import create_staff as create_staff
from portal.accounts.actions.staff import end_cover as end_cover
from portal.accounts.actions.staff import invite_staff as invite_staff
from portal.accounts.actions.staff import set_staff_access as set_staff_access
