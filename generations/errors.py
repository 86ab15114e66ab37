"""The exception family: each error has a sentence for the user, and whether it may have cost money."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class GalleryError(Exception):
    """An error to show to the user.

    `message` is a full sentence, safe to show. `retryable` is whether the same request may succeed later;
    `maybe_charged` whether the provider may have charged for it.
    """

    retryable = False
    maybe_charged = False

    def __init__(
        self, message: "str | _StrPromise", *, retryable: bool | None = None, maybe_charged: bool | None = None
    ) -> None:
        self.message = str(message)
        super().__init__(self.message)
        if retryable is not None:
            self.retryable = retryable
        if maybe_charged is not None:
            self.maybe_charged = maybe_charged


class TooManyWaiting(GalleryError):
    """One user has the maximum of pictures in progress that the site or the team allows, or generates too fast.

    `until` (aware) is when the same request may be sent again; None if unknown.
    """

    retryable = True

    def __init__(self, message: "str | _StrPromise", *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class OverLimit(GalleryError):
    """A limit on spending does not cover the request."""

    retryable = True


class NotLive(GalleryError):
    """The site has no API key, and what was asked for needs the real provider."""


class PriceChanged(GalleryError):
    """A form key was sent again with another request; the first one is kept."""


class BlockedWordInPrompt(GalleryError):
    """The team does not allow `word` in prompts; `field` is the name of the parameter that contains it."""

    def __init__(self, message: "str | _StrPromise", *, field: str, word: str) -> None:
        super().__init__(message)
        self.field = field
        self.word = word


class CostCentreMissing(GalleryError):
    """The team requires a cost centre, and the pictures would have none."""

    field = "collection"


class NotAllowed(GalleryError, PermissionDenied):
    """The actor's current role does not allow the action; Django answers it with 403."""


class RequesterNotAllowed(GalleryError):
    """The user who made an approval request may not generate any more."""


class RequestAlreadyDecided(GalleryError):
    """The request has been approved, refused or withdrawn meanwhile by another user."""


class InvalidLimit(GalleryError):
    """A value for a limit on spending is invalid; `field` is the name of its form field."""

    def __init__(self, message: "str | _StrPromise", *, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotReadyForSignOff(GalleryError):
    """A month cannot be signed off, or not yet."""


class OutcomesUnknown(NotReadyForSignOff):
    """The outcome of some of the month's attempts is unknown; a user may sign off all the same."""


class LastOwner(GalleryError):
    """The action would leave the team without an owner."""


class InvalidInvitation(GalleryError):
    """An invitation was used, revoked or has expired since the page was opened."""


class TooManyRequests(Exception):
    """A rate limit is exhausted; `until` (aware) is when it allows the action again.

    Not a GalleryError, because forms handle those individually: `hidream_site.middleware.TooManyRequestsMiddleware`
    answers this one with status 429, the time, and the user's input.
    """

    def __init__(self, message: "str | _StrPromise", *, until: datetime) -> None:
        self.message = str(message)
        super().__init__(self.message)
        self.until = until


class SchemaError(GalleryError):
    """A parameter schema file contains something that this site does not support."""


class UnusableImage(GalleryError):
    """Bytes that fail the validation of images."""


class ProviderError(GalleryError):
    """A call to the provider that brought no picture.

    `status` is the HTTP status, 0 without an answer; `reason` the provider's own text, trimmed, and `details` this
    site's; `request_id` the provider's, empty without one; `headers` the allowed headers of its answer.
    """

    def __init__(
        self,
        message: "str | _StrPromise",
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
        """Return the sentence, then the provider's text in quotation marks, then this site's details."""
        parts = [self.message]
        if self.reason:
            parts.append(_("Its response: “%(text)s”") % {"text": self.reason})
        if self.details:
            parts.append(_("Details: %(text)s.") % {"text": self.details.removesuffix(".")})
        return " ".join(parts)

    @property
    def cause(self) -> str:
        """Return the shortest description of what happened, for a log or a list."""
        return self.reason or self.details or self.message


class NotSent(ProviderError):
    """No byte of the request left this machine: name not found, refused, no TLS. Free, try later."""

    retryable = True


class Refused(ProviderError):
    """The provider rejects these parameters; the same ones would fail again."""


class KeyRejected(ProviderError):
    """The API key is missing, wrong, or not allowed to use this model. Not caused by the user."""

    retryable = True


class OutOfCredits(ProviderError):
    """The account's balance or spending limit does not cover this picture."""

    retryable = True


class SpendLimit(OutOfCredits):
    """The limit that the account's owner has set at the provider is reached; the balance does not show it."""


class RateLimited(ProviderError):
    """Too many requests; `reset_at` (aware UTC) is when the provider's window ends, None if unknown."""

    retryable = True
    reset_at: datetime | None = None


class ModelGone(ProviderError):
    """The model's address is unknown, retired or does not accept this method."""


class InvalidRequest(ProviderError):
    """The provider could not read the request at all: a fault of this site."""


class ProviderFailed(ProviderError):
    """The provider's worker failed (HTTP 500); documented as not charged. One more try is useful."""

    retryable = True


class OutcomeUnknown(ProviderError):
    """The request was sent, and no trustworthy answer came back. It may have been charged."""

    maybe_charged = True


class BodyLost(OutcomeUnknown):
    """HTTP 200 whose headers arrived and whose body did not: cut, too slow, too large, or compressed.

    `reply_headers` are the answer's as received; a price among them makes the charge certain. `too_large`: the same
    answer would be refused again.
    """

    too_large = False

    def __init__(self, message: "str | _StrPromise", *, details: str, reply_headers: Mapping[str, str]) -> None:
        super().__init__(message, status=200, details=details)
        self.reply_headers = reply_headers


class CannotSign(GalleryError):
    """The operator's certificate, its key or the signing packages are unusable; the sentence is for the operator."""


class UnusableAnswer(ProviderError):
    """HTTP 200 without a picture in it. Probably charged; the bytes are kept."""

    maybe_charged = True


class NotDownloaded(UnusableAnswer):
    """The answer links to a file that could not be downloaded this time; a later download may succeed."""

    retryable = True


class UnlistedHost(UnusableAnswer):
    """The picture is on a host that the settings do not allow; it can be downloaded as soon as they do.

    `place` is the first sentence alone, for administrators, who can change the settings.
    """

    retryable = True
    place = ""


class StillGenerating(ProviderError):
    """The provider accepted the request under `request_id` and had not finished it when the wait ended.

    It goes on generating and will charge; waiting again is free.
    """

    maybe_charged = True
    retryable = True


class RequestForgotten(ProviderError):
    """The provider has no record of this request id, or its API version keeps none. Proves nothing about a charge."""

    maybe_charged = True
