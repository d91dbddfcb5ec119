"""Bank transfers: the seller's own accounts, what customers shall send, and what finance found there."""
