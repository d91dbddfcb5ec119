"""Refunds: money of a payment that we give back."""
