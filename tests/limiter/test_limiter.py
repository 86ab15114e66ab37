"""One rate for all processes, on a real Redis; without Redis, every call is let through."""

import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as site

from generations import limiter
from tests.eventually import eventually
from tests.infrastructure.valkey import valkey

pytestmark = pytest.mark.services

PROCESSES = 4
BURST = 1  # of a plan so small that its minute allows no more


@pytest.fixture(scope="module")
def server():
    with valkey() as server, server.client() as client:
        client.config_set(
            "appendfsync", "everysec"
        )  # as deployed; hundreds of writes a second must not wait for a disk
        yield server


@pytest.fixture
def shared(server, settings, monkeypatch):
    """Return the emptied server that this process's limiter uses.

    The plan is so small that no token comes back during a test.
    """
    with server.client() as client:
        client.flushall()
    monkeypatch.setattr(limiter, "ANSWER_SECONDS", 20)  # so that a stalled machine is not taken for an outage
    settings.REDIS_URL = server.url
    settings.SEGMIND_RPM = 1
    return server


@pytest.fixture
def mortal(settings):
    """Start a separate server for a test that damages it."""
    settings.SEGMIND_RPM = 1
    with valkey() as server:
        settings.REDIS_URL = server.url
        yield server


def start_takers(number, server, tmp_path, seconds, rpm):
    return [start_taker(server, tmp_path, seconds, rpm) for _ in range(number)]


def start_taker(server, tmp_path, seconds, rpm, api_key=site.SEGMIND_API_KEY):
    environment = {
        **os.environ,
        "REDIS_URL": server.url,
        "DATA_DIR": str(tmp_path),
        "SEGMIND_RPM": str(rpm),
        "SEGMIND_BASE_URL": site.SEGMIND_BASE_URL,
        "SEGMIND_API_KEY": api_key,
    }
    command = [sys.executable, "-m", "tests.limiter.taker", str(seconds)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def spans(takers):
    """Return when each process began, and for each grant the times of the question and of the answer."""
    said = [taker.communicate(timeout=120)[0].split() for taker in takers]
    each = [tuple(map(float, word.split(":"))) for _, *granted in said for word in granted]
    return [float(began) for began, *_ in said], each


def grants(takers):
    """Return the times of all grants, and the seconds from the first start to the last grant."""
    began, each = spans(takers)
    times = sorted(granted for _, granted in each)
    return times, times[-1] - min(began)


def soon(seconds):
    return datetime.now(UTC) + timedelta(seconds=seconds)


def drain():
    """Take all available tokens; return their number."""
    taken = 0
    while limiter.take() == 0:
        taken += 1
    return taken


def keys(server):
    with server.client() as client:
        return client.keys("limiter:*")


def test_processes_share_one_rate(shared, tmp_path):
    rate, burst = 90, 540  # of 6,000 a minute

    times, seconds = grants(start_takers(PROCESSES, shared, tmp_path, 10, 6000))

    bound = rate * seconds + burst
    # How often the processes get to ask depends on the machine, so the lower bound is half.
    assert 0.5 * bound < len(times) <= bound


def test_accounts_do_not_share_a_rate(shared, tmp_path):
    """Also the control of the test above: processes that share nothing exceed the bound."""
    burst = 54  # of 600 a minute
    takers = [start_taker(shared, tmp_path, 2, 600, f"SG_{number}") for number in range(3)]

    # Together they would have one burst, and twelve seconds later as much again as these three have at once.
    assert all(len(grants([taker])[0]) >= burst for taker in takers)


def test_nobody_is_let_through_a_block(shared, tmp_path):
    """One process sets it while others ask."""
    takers = start_takers(PROCESSES, shared, tmp_path, 8, 6000)
    eventually(lambda: keys(shared))
    time.sleep(2)

    asked = time.monotonic()
    limiter.block(soon(2))
    began = time.monotonic()
    _, each = spans(takers)

    assert [span for span in each if began < span[0] and span[1] < asked + 2] == []
    assert [granted for _, granted in each if granted < asked]
    assert [granted for _, granted in each if granted > asked + 2]


@pytest.mark.parametrize("rpm", [10, 12, 14, 20, 30, 50, 55, 120, 600, 6000])
def test_first_minute_of_a_plan_has_no_more_than_the_plan_allows(shared, settings, rpm):
    """A burst after an idle time, then the rate; fractions may add less than one request to the plan."""
    settings.SEGMIND_RPM = rpm

    assert 0.9 * rpm + limiter.room() < rpm + 1


@pytest.mark.parametrize(("rpm", "burst"), [(1, 1), (10, 1), (20, 2), (30, 3), (50, 5), (600, 54), (6000, 540)])
def test_quiet_account_has_room_for_a_burst(shared, settings, rpm, burst):
    settings.SEGMIND_RPM = rpm

    assert limiter.room() == burst
    began = time.monotonic()
    assert limiter.take() == 0
    left = limiter.room()
    come_back = int(0.9 * rpm / 60 * (time.monotonic() - began))  # a token every eleven milliseconds at 6000 a minute
    assert burst - 1 <= left <= min(burst, burst - 1 + come_back)


def test_wait_that_is_named_ends_with_a_grant(shared, settings):
    """At nine tenths of 60 a minute, the next grant after a burst comes ten ninths of a second later at the latest."""
    settings.SEGMIND_RPM = 60
    burst = limiter.room()
    limiter.block(soon(0.3))
    time.sleep(limiter.take())
    began = time.monotonic()
    taken = drain()

    wait = limiter.take()
    time.sleep(wait)

    assert burst <= taken <= burst + 0.9 * (time.monotonic() - began)
    assert 0 < wait <= 60 / 54
    assert limiter.take() == 0


def test_looking_takes_nothing(shared):
    assert [limiter.room() for _ in range(BURST + 1)] == [BURST] * (BURST + 1)
    assert drain() == BURST
    assert limiter.room() == 0


def test_no_limit_grants_everything_but_keeps_a_block(shared, settings):
    settings.SEGMIND_RPM = 0

    assert [limiter.take() for _ in range(100)] == [0.0] * 100
    assert limiter.room() == limiter.UNLIMITED
    limiter.block(soon(60))
    assert limiter.take() == pytest.approx(60, abs=5)
    assert limiter.room() == 0


def test_block_is_shown_and_never_shortened(shared):
    limiter.block(soon(300))
    limiter.block(soon(10))
    limiter.block(soon(-10))

    assert limiter.take() == pytest.approx(300, abs=5)
    assert limiter.room() == 0


def test_block_may_be_made_longer_up_to_ten_minutes(shared):
    limiter.block(soon(300))
    limiter.block(soon(86_400))

    assert limiter.take() == pytest.approx(600, abs=5)


def test_moment_that_has_passed_blocks_nobody(shared):
    limiter.block(soon(-10))

    assert limiter.take() == 0


def test_clock_that_was_put_back_stops_nothing_for_long(shared):
    limiter.take()
    limiter.block(soon(60))
    with shared.client() as client:
        for key in keys(shared):
            client.set(key, int((time.time() + 86_400) * 1_000_000))

    assert limiter.take() == pytest.approx(600, abs=5)
    with shared.client() as client:
        client.delete(*[key for key in keys(shared) if b"blocked" in key])
    assert limiter.take() == pytest.approx(60 / 0.9, abs=5)


def test_redis_that_forgets_grants_one_burst_more(shared):
    before = drain()
    with shared.client() as client:
        client.flushall()
        client.script_flush()

    assert (before, drain()) == (BURST, BURST)


def test_threads_of_one_process_share_the_burst(shared):
    with ThreadPoolExecutor(32) as threads:
        waits = list(threads.map(lambda _: limiter.take(), range(64)))

    assert waits.count(0) == BURST


def test_fork_after_the_first_question_does_not_share_a_connection(shared, tmp_path):
    """Parent and child ask at once: on a shared socket each would read the other's answer."""
    program = (
        "import os, django; django.setup()\n"
        "from django.conf import settings\n"
        "from generations import limiter\n"
        "limiter.room()\n"
        "child = os.fork()\n"
        "settings.SEGMIND_RPM = 600 if child else 6000\n"
        "right = {limiter.room() for _ in range(500)} == {54 if child else 540}\n"
        "code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else 0\n"
        "os._exit(0 if right and code == 0 else 1)\n"
    )
    environment = {
        **os.environ, "REDIS_URL": shared.url, "DATA_DIR": str(tmp_path), "SEGMIND_API_KEY": "",
        "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
    }  # fmt: skip

    assert subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=False).returncode == 0


def test_key_of_the_account_never_reaches_redis(mortal, settings):
    settings.SEGMIND_API_KEY = "SG_secret0123456789"
    limiter.take()
    limiter.block(soon(60))
    written = b"".join(path.read_bytes() for path in mortal.directory.rglob("*") if path.is_file())

    assert len(keys(mortal)) == 2
    assert b"limiter:" in written
    assert b"secret0123" not in written


def test_killed_redis_grants_everything_until_it_is_back(mortal):
    assert drain() == BURST
    mortal.kill()

    assert [limiter.take() for _ in range(100)] == [0.0] * 100
    assert limiter.room() == BURST
    mortal.start()
    eventually(lambda: limiter.take() > 0)


def test_silent_redis_costs_one_short_wait_and_is_then_left_alone(mortal):
    limiter.take()
    mortal.process.send_signal(signal.SIGSTOP)

    began = time.monotonic()
    waits = [limiter.take() for _ in range(100)]
    took = time.monotonic() - began
    mortal.process.send_signal(signal.SIGCONT)

    assert waits == [0.0] * 100
    assert took < 20 * limiter.ANSWER_SECONDS


def test_redis_that_refuses_is_as_good_as_away(mortal):
    with mortal.client() as client:
        client.config_set("maxmemory", 1)

        assert [limiter.take() for _ in range(BURST + 1)] == [0.0] * (BURST + 1)


def test_log_has_one_line_for_an_outage(mortal, monkeypatch, caplog):
    monkeypatch.setattr(limiter, "AWAY_SECONDS", 0)
    mortal.kill()
    with caplog.at_level(logging.INFO, logger=limiter.__name__):
        for _ in range(20):
            limiter.take()

    (line,) = caplog.messages
    assert "does without Redis" in line
