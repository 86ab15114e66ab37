"""Segmind over HTTP, version 1: the answer to the POST is the picture.

https://docs.segmind.com/docs/serverless-api. The provider's own sample for a model:
https://www.segmind.com/models/hidream-l1-fast/api.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf

from django.utils.translation import gettext as _

from generations.errors import BodyLost, RequestForgotten
from generations.providers.account import AccountApi, address_of
from generations.providers.base import Answer, ImageRequest, ignore_event
from generations.providers.kept import kept
from generations.providers.reading import MAX_SECONDS, amount, media_type, seed
from generations.providers.transport import OK, PICTURE_CAP, HttpReply
from generations.providers.verdicts import request_id


class Segmind(AccountApi):
    """A Provider; see AccountApi for its arguments."""

    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        path = address_of("v1", request)
        try:
            reply = self.api.ask("POST", path, seconds=self.deadline, cap=PICTURE_CAP, body=request.body)
        except BodyLost as error:
            return _answer_without_body(error, self.api.key)
        if reply.status != OK:
            raise self.refusal(reply)
        return _answer(reply, self.api.key)

    def resume(self, request_id: str, patience: float = inf) -> Answer:
        sentence = _("The provider doesn't keep responses for this API version, so this one can't be fetched again.")
        raise RequestForgotten(sentence, request_id=request_id)


def _answer_without_body(error: BodyLost, secret: str) -> Answer:
    """Return the answer without a body if its headers name the price; raise the error otherwise: outcome unknown."""
    answer = _answer(HttpReply(OK, error.reply_headers, b""), secret)
    if answer.cost is None:
        error.request_id, error.headers = answer.request_id, answer.headers
        raise error
    return replace(answer, lost=error.details)


def _answer(reply: HttpReply, secret: str) -> Answer:
    headers = reply.headers
    return Answer(
        body=reply.body,
        content_type=media_type(headers.get("content-type")),
        cost=amount(headers.get("x-cost")),
        remaining_credits=amount(headers.get("x-remaining-credits")),
        request_id=request_id(headers),
        generation_seconds=amount(headers.get("x-generation-time"), MAX_SECONDS),
        seed=seed(headers.get("x-seed-value")),
        headers=kept(headers, secret),
    )
