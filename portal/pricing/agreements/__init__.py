"""What many contracts agreed about their next price, from a CSV file: read it, judge row by row, keep what is
right and list what is not."""

from portal.pricing.agreements.flow import Result, run
from portal.pricing.agreements.tell import report

__all__ = ["Result", "report", "run"]
