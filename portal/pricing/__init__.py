"""Price book, taxes, and the sealed quote."""
