"""Formats of dates and numbers where ours are not Django's; other languages keep theirs."""
