"""What does not fit, and waits for people: exceptions of finance."""
