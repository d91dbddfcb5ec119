"""Payments: money, providers, the ledger. Knows neither the portal nor Flask."""
