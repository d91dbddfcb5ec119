"""Contracts, their append-only terms, and when they end."""
