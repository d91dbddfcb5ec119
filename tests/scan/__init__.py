"""Scanners that others wrote, let loose on the portal: `make scan`."""
