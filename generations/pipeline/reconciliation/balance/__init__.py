"""Does the provider agree? Our ledger, its history and the fall of its balance, side by side, and what tells why they
differ. Nothing here costs money."""
