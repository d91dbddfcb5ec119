"""What the customer's pages say."""
