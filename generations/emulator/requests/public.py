"""The free routes that are about no job: the balance, and the files that answers point to."""

from dataclasses import replace
from typing import Any

from generations.emulator.http.reply import Reply, error_reply, json_reply
from generations.emulator.requests.base import KEY_HEADER, ProviderRequest


class CreditsRequest(ProviderRequest):
    """GET /v1/get-user-credits; not counted against the rate limit."""

    route = "credits"

    def serve(self) -> Reply:
        behaviour = self.provider.behaviour
        if not behaviour.account_exists:
            return error_reply(404, "No credits found for the user")
        # The provider sends JSON numbers; float is exact enough for ten places of a balance below a million.
        amounts = {"credits": float(self.provider.account.balance), "free-credits": float(behaviour.free_credits)}
        return json_reply(200, amounts)


class FileRequest(ProviderRequest):
    """GET /generations/{name}; public, and a request that carries the key is a 403, as at the provider's CDN."""

    route = "files"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        job = self.provider.jobs.get(self.argument.rpartition(".")[0])
        self.job = job if job and job.file_name == self.argument and job.has_file(self.provider.now()) else None

    def finish(self) -> Reply:
        return error_reply(403, "Forbidden") if self.headers.get(KEY_HEADER) is not None else self.serve()

    def serve(self) -> Reply:
        if self.job is not None:
            return Reply(200, self.provider.picture(self.job), {"Content-Type": f"image/{self.job.request.format}"})
        if (published := self.provider.published.get(self.argument)) is None:
            return error_reply(404, "Not found")
        content_type, content = published
        return Reply(200, content, {"Content-Type": content_type})

    def delivered(self, body_sha256: str) -> None:
        if self.job is not None:
            received, now = self.job.received, self.provider.now()
            entry = replace(received, kind="DELIVERED", at=now, status=200, body_sha256=body_sha256)
            self.provider.ledger.write(replace(entry, fault=self.fault or received.fault))
