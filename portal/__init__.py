"""The renewal portal."""
