"""Fixtures of the pipeline's tests, which also check that each state change of a row is on the graph."""

from contextlib import ExitStack

import pytest
from django.db import connection

from generations.models import MOVES, Attempt, AttemptState, Generation

ATTEMPT_MOVES = {
    (AttemptState.RESERVED, AttemptState.SENT),
    (AttemptState.RESERVED, AttemptState.RELEASED),
    (AttemptState.SENT, AttemptState.ANSWERED),
    (AttemptState.SENT, AttemptState.NOT_BILLED),
    (AttemptState.SENT, AttemptState.UNKNOWN),
    (AttemptState.SENT, AttemptState.REJECTED),
    (AttemptState.UNKNOWN, AttemptState.ANSWERED),
    (AttemptState.UNKNOWN, AttemptState.NOT_BILLED),
    (AttemptState.UNKNOWN, AttemptState.REJECTED),
    (AttemptState.ANSWERED, AttemptState.STORED),
    (AttemptState.ANSWERED, AttemptState.REJECTED),
    (AttemptState.REJECTED, AttemptState.ANSWERED),
}


class Watch:
    """Comparison of the states before and after every UPDATE of one table that this connection makes."""

    def __init__(self, model):
        self.table = model._meta.db_table
        self.moves = []

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(f'UPDATE "{self.table}"'):
            return execute(sql, params, many, context)
        before = self._states()
        result = execute(sql, params, many, context)
        after = self._states()
        self.moves += [(before[key], after[key]) for key in before if before[key] != after.get(key, before[key])]
        return result

    def _states(self):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT id, state FROM "{self.table}"')  # noqa: S608  (a name of our own)
            return dict(cursor.fetchall())


@pytest.fixture
def watched(db):
    """Record the state changes of generations and of attempts, including those that a test writes by hand."""
    generations, attempts = Watch(Generation), Watch(Attempt)
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(generations))
        stack.enter_context(connection.execute_wrapper(attempts))
        yield generations.moves, attempts.moves
    assert set(generations.moves) <= MOVES
    assert set(attempts.moves) <= ATTEMPT_MOVES
