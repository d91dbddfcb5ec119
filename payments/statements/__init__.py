"""What a provider says moved: balance transactions."""
