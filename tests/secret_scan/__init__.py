"""A search for leaks of the API key: everything runs with a unique key, which is then searched for everywhere."""
