"""Provider events: kept first, handled once."""
