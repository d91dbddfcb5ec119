"""A local Stripe for trying and testing; its own process, imported by nobody."""
