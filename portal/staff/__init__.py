"""The staff's pages, which join the features."""
