"""The pictures being made: what a request asks for, its job, and the files that come of it."""
