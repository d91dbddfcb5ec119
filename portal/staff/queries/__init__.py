"""Find what the staff's pages show."""
