"""A key like no other goes through everything that is run here, and then it is looked for everywhere."""
