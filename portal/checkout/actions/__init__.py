"""What the provider's truth, and people's decisions, change: captures (money that comes), refunds and disputes
(money that goes back), suspense (money that waits). Each in one transaction of the caller's."""
