"""The routes of the provider: paid calls of both versions, polls, history, balance and files."""
