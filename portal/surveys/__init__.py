"""How was it? Asked after a renewal, answered or not, never in the way."""
