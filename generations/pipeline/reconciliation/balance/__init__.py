"""Reconciliation of our ledger with the provider's history and the fall of its balance. Nothing here costs money."""
