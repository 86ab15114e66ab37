"""The exception family: each failure carries a sentence for a person and what may have happened to the money."""

from collections.abc import Mapping
from datetime import datetime


class GalleryError(Exception):
    """Something a person should be told.

    `message` is a full sentence, safe to show. `retryable` says whether the same request may succeed later;
    `maybe_charged` whether the provider may have taken money for it.
    """

    retryable = False
    maybe_charged = False

    def __init__(self, message: str, *, retryable: bool | None = None, maybe_charged: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if retryable is not None:
            self.retryable = retryable
        if maybe_charged is not None:
            self.maybe_charged = maybe_charged


class TooManyWaiting(GalleryError):
    """One user has as many pictures in progress as the site or the team takes from one user, or generates too fast.

    `until` (aware) is when the same request may be sent again, where that is known.
    """

    retryable = True

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class OverLimit(GalleryError):
    """A limit of spending does not cover the order."""

    retryable = True


class PriceChanged(GalleryError):
    """A form key came again with another order; the first one stands."""


class NotAllowed(GalleryError):
    """The actor's role, as it is at this moment, does not allow it."""


class RequesterNotAllowed(GalleryError):
    """Whoever asked for an order may not give it any more."""


class RequestAlreadyDecided(GalleryError):
    """Somebody else was faster: the request has been approved, refused or withdrawn meanwhile."""


class InvalidLimit(GalleryError):
    """What was given as a limit of spending cannot be one; `field` says which part of it."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotReadyForSignOff(GalleryError):
    """A month that cannot be signed off, or not yet."""


class OutcomesUnknown(NotReadyForSignOff):
    """What became of some of the month's attempts is not known; a person may sign all the same."""


class LastOwner(GalleryError):
    """The team would be left without anybody who may do everything."""


class InvalidInvitation(GalleryError):
    """It was used, revoked or has expired since the page was opened."""


class TooManyRequests(Exception):
    """Somebody did something as often as a rate limit allows; `until` (aware) is when it goes on.

    No GalleryError, which each form answers in its own way: whatever raises this is answered with 429, when it goes on,
    and what was typed (`hidream_site.middleware.TooManyRequestsMiddleware`).
    """

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.message = message
        self.until = until


class SchemaError(GalleryError):
    """A parameter schema file says something this site does not understand."""


class UnusableImage(GalleryError):
    """Bytes that the image gate refuses."""


class ProviderError(GalleryError):
    """A call to the provider that brought no picture.

    `status` is the HTTP status, 0 when there was none; `reason` the provider's own words, trimmed, and `details` this
    site's; `request_id` the provider's, empty when it gave none; `headers` what may be kept of its answer's.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        details: str = "",
        request_id: str = "",
        retryable: bool | None = None,
        maybe_charged: bool | None = None,
    ) -> None:
        super().__init__(message, retryable=retryable, maybe_charged=maybe_charged)
        self.status = status
        self.reason = reason
        self.details = details
        self.request_id = request_id
        self.headers: Mapping[str, str] = {}

    @property
    def full_message(self) -> str:
        """The sentence, then the provider's words in quotation marks, then this site's details."""
        said = f" It said: “{self.reason}”" if self.reason else ""
        details = f" Details: {self.details.removesuffix('.')}." if self.details else ""
        return f"{self.message}{said}{details}"

    @property
    def cause(self) -> str:
        """The shortest account of what happened, for a log or a line of a list."""
        return self.reason or self.details or self.message


class NotSent(ProviderError):
    """No byte of the request left this machine: name not found, refused, no TLS. Free, try later."""

    retryable = True


class Refused(ProviderError):
    """The provider says these parameters are wrong; the same ones would fail again."""


class KeyRejected(ProviderError):
    """The API key is missing, wrong, or not allowed to use this model. Not the user's fault."""

    retryable = True


class OutOfCredits(ProviderError):
    """The account's balance or spending limit does not cover this picture."""

    retryable = True


class SpendLimit(OutOfCredits):
    """The limit that the account's owner has set at the provider; the balance does not show it."""


class RateLimited(ProviderError):
    """Too many requests; `reset_at` (aware UTC) is when the provider's window ends, None when it did not say."""

    retryable = True
    reset_at: datetime | None = None


class ModelGone(ProviderError):
    """The model's address is unknown, retired or does not take this method."""


class InvalidRequest(ProviderError):
    """The provider could not read the request at all: a fault of this site."""


class ProviderFailed(ProviderError):
    """The provider's worker failed (HTTP 500); documented as not charged. Worth one more try."""

    retryable = True


class OutcomeUnknown(ProviderError):
    """The request left, and no trustworthy answer came back. It may have been charged."""

    maybe_charged = True


class BodyLost(OutcomeUnknown):
    """HTTP 200 whose headers came and whose body did not: cut, too slow, too large, or packed.

    `reply_headers` are the answer's as they came; a price among them makes the charge certain. `too_large` says that
    the same answer would be refused again.
    """

    too_large = False

    def __init__(self, message: str, *, details: str, reply_headers: Mapping[str, str]) -> None:
        super().__init__(message, status=200, details=details)
        self.reply_headers = reply_headers


class CannotSign(GalleryError):
    """The operator's certificate, its key or the packages that sign do not do; the sentence is for the operator."""


class UnusableAnswer(ProviderError):
    """HTTP 200 with something that holds no picture. Probably charged; the bytes are kept."""

    maybe_charged = True


class NotDownloaded(UnusableAnswer):
    """The answer leads to a file that could not be downloaded this time; the next time it may be there."""

    retryable = True


class UnlistedHost(UnusableAnswer):
    """The picture lies on a host that this site does not fetch from; it can be had as soon as the settings name it.

    `place` is the first sentence alone, for those who can change the settings.
    """

    retryable = True
    place = ""


class StillGenerating(ProviderError):
    """The provider took the order under `request_id` and had not finished it when the wait ended.

    It goes on drawing and will charge; waiting again is free.
    """

    maybe_charged = True
    retryable = True


class RequestForgotten(ProviderError):
    """The provider has no record of this request id, or its version of the API keeps none. Says nothing about money."""

    maybe_charged = True
