"""The one account behind all keys, and the ledger that records what it paid for."""
