"""The bridge from orders to payments: pay, return, provider's door, settle."""
