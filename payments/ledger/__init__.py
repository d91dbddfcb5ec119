"""Accounts and balanced entries, append-only."""
