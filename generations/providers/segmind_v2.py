"""Segmind over HTTP, version 2: the POST is answered with a request id, which is polled until the picture is ready.

https://docs.segmind.com/docs/serverless-api/async-inference. Whatever happens after the submit, the picture can be
fetched by the request id for about an hour, and polling is free. Addresses are built from our own and the id: those in
the answer are never followed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from django.utils.translation import gettext as _

from generations.errors import BodyLost, OutcomeUnknown, ProviderError, RequestForgotten, StillGenerating
from generations.providers import reading
from generations.providers.account import AccountApi, address_of
from generations.providers.base import Answer, ImageRequest, ignore_event
from generations.providers.kept import kept
from generations.providers.reading import MAX_SECONDS, amount, document, fields, media_type, seed
from generations.providers.transport import OK, PICTURE_CAP, HttpReply
from generations.providers.verdicts import UNPROCESSABLE, failed, presentable, request_id, said

STATUS_CAP = 1024 * 1024
# One poll that hangs must not use up the wait.
POLL_SECONDS = 15.0
# The record may be written a moment after the reply to the submit, and its store may lose it for a while.
FORGOTTEN_SECONDS = 60.0
A_FEW = 3
FIRST_PAUSE, GROWTH = 0.25, 1.6
IMPATIENT_SECONDS, IMPATIENT_PAUSE, PATIENT_PAUSE = 30.0, 2.0, 5.0
COMPLETED, FAILED = "COMPLETED", "FAILED"
NOT_FOUND = 404


class SegmindV2(AccountApi):
    """A Provider; see AccountApi for its arguments. `deadline` is for the submit and the wait together."""

    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        end = time.monotonic() + self.deadline
        accepted_id = self._submit(request)
        accepted(accepted_id)
        time.sleep(min(FIRST_PAUSE, max(0.0, end - time.monotonic())))
        return self._wait(accepted_id, end)

    def resume(self, request_id: str, patience: float = inf) -> Answer:
        if not reading.request_id(request_id):
            raise RequestForgotten(_("This call has no request ID that the provider knows."), request_id=request_id)
        return self._wait(request_id, time.monotonic() + min(patience, self.deadline))

    def _submit(self, request: ImageRequest) -> str:
        """Submit the request and return its id; from here on the call is charged unless it fails."""
        path = address_of("v2", request)
        try:
            reply = self.api.ask("POST", path, seconds=self.deadline, cap=STATUS_CAP, body=request.body)
        except BodyLost as error:
            error.request_id, error.headers = request_id(error.reply_headers), kept(error.reply_headers, self.api.key)
            raise
        if not 200 <= reply.status < 300:
            raise self.refusal(reply)
        if found := reading.request_id(fields(document(reply.body)).get("request_id")):
            return found
        raise OutcomeUnknown(
            _("The provider accepted the request without an ID. The picture may have been generated and charged."),
            status=reply.status,
            reason=presentable(said(reply.body), self.api.key),
            request_id=request_id(reply.headers),
        )

    def _wait(self, accepted_id: str, end: float) -> Answer:
        wait = _Wait(accepted_id)
        while (left := end - time.monotonic()) > 0:
            sight = self._look(wait, min(left, POLL_SECONDS))
            if sight.word == FAILED:
                raise failed(sight.found, accepted_id, self.api.key)
            if sight.word == COMPLETED and sight.reply and wait.drawn:
                return _answer(sight.reply, sight.found, accepted_id, self.api.key)
            # A poll that our own deadline has cut off adds no information.
            if not sight.reply and time.monotonic() >= end and wait.polls:
                break
            wait.note(sight)
            if wait.is_forgotten:
                break
            # A picture that is ready is fetched at once.
            if sight.word != COMPLETED:
                time.sleep(min(wait.pause(), max(0.0, end - time.monotonic())))
        raise wait.end()

    def _look(self, wait: "_Wait", seconds: float) -> "_Sight":
        """Poll once; any failure of a poll is followed by another poll."""
        path = f"/v2/requests/{wait.request_id}"
        path, cap = (path, PICTURE_CAP) if wait.drawn else (f"{path}/status", STATUS_CAP)
        try:
            reply = self.api.ask("GET", path, seconds=seconds, cap=cap)
        except ProviderError as error:
            return _Sight(details=error.cause)
        found = fields(document(reply.body))
        word = _word(reply, found, wait.request_id)
        details = presentable(f"HTTP {reply.status} {word} {said(reply.body)}", self.api.key)
        return _Sight(word, found, reply, details)


@dataclass(frozen=True)
class _Sight:
    """The result of one poll. `word` is COMPLETED, FAILED, another status of the provider, or empty without one."""

    word: str = ""
    found: dict[str, object] = field(default_factory=dict)
    reply: HttpReply | None = None
    details: str = ""

    @property
    def is_missing(self) -> bool:
        return self.reply is not None and self.reply.status == NOT_FOUND


class _Wait:
    """The results of the polls for one request so far."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.drawn = False
        self.polls = 0
        self._began = time.monotonic()
        self._pause = FIRST_PAUSE / GROWTH
        self._known = False
        self._misses = 0
        self._missing_since = 0.0
        self._details = _("there was no time left to ask")

    def note(self, sight: _Sight) -> None:
        self.polls += 1
        self.drawn = self.drawn or sight.word == COMPLETED
        self._known = self._known or bool(sight.word)
        self._details = sight.details
        self._misses = self._misses + 1 if sight.is_missing else 0
        if self._misses == 1:
            self._missing_since = time.monotonic()

    @property
    def is_forgotten(self) -> bool:
        return self._misses >= A_FEW and time.monotonic() - self._missing_since >= FORGOTTEN_SECONDS

    def pause(self) -> float:
        """Return the seconds to the next poll: short at first, because most pictures take about ten seconds."""
        longest = IMPATIENT_PAUSE if time.monotonic() - self._began < IMPATIENT_SECONDS else PATIENT_PAUSE
        self._pause = min(self._pause * GROWTH, longest)
        return self._pause

    def end(self) -> ProviderError:
        """Return the error for a wait that is over.

        Several 404 at the deadline count as forgotten when nothing else was ever received about this request.
        """
        if self.is_forgotten or (self._misses >= A_FEW and not self._known):
            sentence = _(
                "The provider no longer has a record of this call. The picture may have been generated and charged."
            )
            return RequestForgotten(sentence, status=NOT_FOUND, details=self._details, request_id=self.request_id)
        sentence = _("The provider hasn't finished this picture yet. It's still generating; checking again is free.")
        return StillGenerating(sentence, details=self._details, request_id=self.request_id)


def _word(reply: HttpReply, found: dict[str, object], request_id: str) -> str:
    """Return the status of the request.

    Empty for an answer about another request, and for COMPLETED without a whole answer.
    """
    word = reading.text(found.get("status")).upper()
    echoed = reading.text(found.get("request_id"))
    if echoed.lower() not in {"", request_id.lower()}:
        return ""
    if word == COMPLETED or (not word and found.keys() & {"output", "images"}):
        return COMPLETED if reply.status == OK else ""
    if word == FAILED:
        # Documented with these two statuses; under any other one it must at least contain the request id.
        return word if reply.status in {OK, UNPROCESSABLE} or echoed else ""
    return word


def _answer(reply: HttpReply, found: dict[str, object], request_id: str, secret: str) -> Answer:
    metrics = fields(found.get("metrics"))
    return Answer(
        body=reply.body,
        content_type=media_type(reply.headers.get("content-type")),
        cost=amount(metrics.get("cost")),
        remaining_credits=amount(metrics.get("remaining_credits")),
        request_id=request_id,
        generation_seconds=amount(metrics.get("inference_time"), MAX_SECONDS),
        seed=seed(found.get("seed")),
        cost_from="body",
        headers=kept(reply.headers, secret),
    )
