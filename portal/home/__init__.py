"""The customer's pages, which join the features."""
