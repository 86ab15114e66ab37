"""The free routes that are about no job: the balance, and the files that answers point to."""

from email.message import Message

from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error, as_json
from generations.emulator.jobs.run import Run
from generations.emulator.requests.errand import Errand
from generations.emulator.state.vendor import Vendor


def credits(vendor: Vendor, _: str, path: str, headers: Message) -> Errand:
    """GET /v1/get-user-credits; not counted against the rate limit."""
    return Errand(vendor, "credits", path, headers, lambda: _credits(vendor, headers))


def file(vendor: Vendor, name: str, path: str, headers: Message) -> Errand:
    """GET /generations/{name}; public, and a request that carries the key is turned away, as the vendor's CDN does."""
    run = vendor.runs.get(name.rpartition(".")[0])
    found = run if run and run.file_name == name and run.has_file(vendor.now()) else None
    return Errand(vendor, "files", path, headers, lambda: _file(vendor, name, found, headers), found)


def _credits(vendor: Vendor, headers: Message) -> Reply:
    if refusal := checks.key(headers, vendor.keys):
        return refusal
    if not vendor.behaviour.account_exists:
        return as_error(404, "No credits found for the user")
    # The vendor sends JSON numbers; float is exact enough for ten places of a balance below a million.
    amounts = {"credits": float(vendor.account.balance), "free-credits": float(vendor.behaviour.free_credits)}
    return as_json(200, amounts)


def _file(vendor: Vendor, name: str, run: Run | None, headers: Message) -> Reply:
    if headers.get("x-api-key") is not None:
        return as_error(403, "Forbidden")
    if run is not None:
        return Reply(200, vendor.picture(run), {"Content-Type": f"image/{run.order.format}"})
    if (published := vendor.published.get(name)) is None:
        return as_error(404, "Not found")
    content_type, content = published
    return Reply(200, content, {"Content-Type": content_type})
