"""The catalogues, and how they are compiled."""
