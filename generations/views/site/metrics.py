"""Metrics for Prometheus, read from database and disk, so that each process of the site reports the same values."""

import ipaddress
import secrets
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from generations.conf import conf
from generations.queries.orders.queue_age import oldest_running, oldest_waiting
from generations.queries.orders.queue_metrics import queue_metrics
from generations.services.provider.reconciliation import latest_balance_difference
from hidream_site.version import VERSION

# Behind a proxy every visitor has its address, so a request with these headers is not local.
PROXIED = ("X-Forwarded-For", "Forwarded")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer local requests and those with METRICS_TOKEN; to others the address does not exist."""
    if not (_is_local(request) or _has_token(request)):
        raise Http404
    return HttpResponse(generate_latest(Gauges()), content_type=CONTENT_TYPE_LATEST)


class Gauges(Collector):
    def collect(self) -> Iterator[Metric]:
        now = queue_metrics()
        yield InfoMetricFamily("hidream", "The version of the site.", value={"version": VERSION})
        yield _gauge("queued", "Generations that wait for a worker.", now.queued)
        yield _gauge("running", "Generations that a worker holds.", now.running)
        yield _gauge("unknown", "Generations that may have been charged, outside the trash.", now.unknown)
        yield _gauge("oldest_waiting_seconds", "Age of the oldest queued order, 0 without one.", oldest_waiting() or 0)
        yield _gauge("oldest_running_seconds", "Age of the oldest running call, 0 without one.", oldest_running() or 0)
        yield _gauge("spool_answers", "Paid answers on the disk that are not stored yet.", now.spooled_answers)
        yield _gauge("undelivered", "Charged pictures whose file cannot be downloaded yet.", now.undelivered)
        yield _gauge("free_disk_bytes", "Free space on the disk of DATA_DIR.", now.free_disk_bytes)
        if (difference := latest_balance_difference()) is not None:
            meaning = "US dollars the account lost in the last day beyond what is booked; below zero after a top-up."
            yield _gauge("balance_difference_dollars", meaning, float(difference))
        attempts = GaugeMetricFamily(
            "hidream_attempts_last_24h",
            "Attempts begun in the last 24 hours, by their present state.",
            labels=["state"],
        )
        for state, number in now.recent_attempts.items():
            attempts.add_metric([state], number)
        yield attempts


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hidream_{name}", meaning, value=value)


def _is_local(request: HttpRequest) -> bool:
    try:
        client = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False  # a request over a Unix socket has no address and may come from anywhere
    return client.is_loopback and not any(header in request.headers for header in PROXIED)


def _has_token(request: HttpRequest) -> bool:
    wanted = conf().metrics_token
    scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
    right = secrets.compare_digest(offered.strip().encode(), wanted.encode())
    return bool(wanted) and scheme.lower() == "bearer" and right
