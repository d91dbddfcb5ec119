"""What the staff's pages say."""
