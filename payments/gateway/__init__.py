"""How we talk to payment providers."""
