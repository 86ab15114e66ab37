"""Probes for load balancers and supervisors."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from generations.health import PROBES


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive, without I/O."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when pages can be served, else 503; `problems` says why."""
    problems = {name: sentence for name, probe in PROBES.items() if (sentence := probe())}
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)
