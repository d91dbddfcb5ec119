"""The hosted page: what the customer sees of Stripe."""
