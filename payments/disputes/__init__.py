"""Disputes: money of a payment that its payer contests at their bank."""
