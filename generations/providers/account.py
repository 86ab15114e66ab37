"""Free functions that both versions of Segmind's API share: the balance, the history, the picture of an answer.

https://docs.segmind.com/docs/platform/account-and-billing-apis
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import (
    BodyLost,
    ModelGone,
    NotDownloaded,
    ProviderError,
    ProviderFailed,
    UnlistedHost,
    UnusableAnswer,
)  # fmt: skip
from generations.imaging import looks_like_picture
from generations.providers import history
from generations.providers.base import Answer, Balance, ImageRequest, PastCall
from generations.providers.gateway import Gateway, Watch, unwatched
from generations.providers.kept import kept
from generations.providers.reading import NUMBER, document, fields, text
from generations.providers.transport import ERROR_CAP, OK, PICTURE_CAP, HttpReply, fetch
from generations.providers.unwrapping import candidates, complaint, decoded, is_address
from generations.providers.verdicts import presentable, said, verdict

SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
# A host name as an administrator would write it; a numeric address is more likely one in a network of ours.
NAME = re.compile(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]")
BALANCE = "/v1/get-user-credits"
NO_BALANCE = gettext_lazy("The provider's balance can't be read right now.")
BALANCE_SECONDS = 20.0
DOWNLOAD_SECONDS = 60.0
GONE = 410


class AccountApi:
    """The part of a client that both API versions share; one object serves any number of threads.

    `deadline` is seconds for one paid call. `file_hosts` are the names (or `name:port`) from which pictures may be
    downloaded. `history_url` is the host of the history if it is not the API's own; only these two get the key. Raises
    ValueError for an address or a key that cannot work; Gateway says where plain http is.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        deadline: float = 150.0,
        file_hosts: frozenset[str],
        history_url: str = "",
        watch: Watch = unwatched,
    ) -> None:
        self.api = Gateway(base_url, key, watch)
        self.archive = Gateway(history_url or base_url, key, watch)
        self.deadline = deadline
        self._file_hosts = frozenset(host.lower() for host in file_hosts)

    def refusal(self, reply: HttpReply) -> ProviderError:
        """Return the error for a failed reply to a paid call, with its headers."""
        error = verdict(reply, paid=True, secret=self.api.key)
        error.headers = kept(reply.headers, self.api.key)
        return error

    def balance(self) -> Balance:
        seconds = min(self.deadline, BALANCE_SECONDS)
        return _balance(self.api.read(BALANCE, seconds=seconds, cap=ERROR_CAP, failure=NO_BALANCE), self.api.key)

    def past(self, since: datetime, until: datetime) -> list[PastCall]:
        return history.read(self.archive, since, until)

    def must_download(self, answer: Answer) -> bool:
        return isinstance(_unwrapped(answer), str)

    def picture(self, answer: Answer) -> bytes:
        found = _unwrapped(answer)
        if found is None:
            raise self._unusable(answer, complaint(answer.body), said(answer.body))
        return self._download(found, answer) if isinstance(found, str) else found

    def _download(self, address: str, answer: Answer) -> bytes:
        """Return the bytes of the file at an address, unvalidated; the API key is not sent."""
        names = self._names(address)
        if not names & self._file_hosts:
            raise self._not_fetched(answer, min(names, default=""), address)
        reach = self.api.reach_of(min(names, default=""))
        request_id = answer.request_id
        try:
            reply = fetch("GET", address, headers={}, deadline=DOWNLOAD_SECONDS, cap=PICTURE_CAP, reach=reach)
        except BodyLost as error:
            if error.too_large:
                sentence = _("The file is too large: %(cause)s.") % {"cause": error.details}
                raise UnusableAnswer(sentence, status=OK, request_id=request_id) from error
            raise _not_downloaded(error.details, request_id) from error
        except ProviderError as error:
            raise _not_downloaded(error.details, request_id) from error
        if reply.status == OK:
            return reply.body
        status, reason = reply.status, presentable(said(reply.body), self.api.key)
        if status == GONE:
            message = _("The provider no longer has the file.")
            raise UnusableAnswer(message, status=status, reason=reason, request_id=request_id)
        raise _not_downloaded(str(status), request_id, status=status, reason=reason)

    def _names(self, address: str) -> set[str]:
        """Return the host as it may be listed, without and with its port; empty for an address never to be fetched."""
        # Two parsers read this address, and they differ over blanks, control characters and backslashes.
        if not re.fullmatch(r"[!-\[\]-~]+", address):
            return set()
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return set()
        secure = parts.scheme == "https" or self.api.has_plain_files(host)
        return {host, f"{host}:{port}"} if host and secure and parts.username is None else set()

    def _not_fetched(self, answer: Answer, host: str, address: str) -> UnusableAnswer:
        if not (NAME.fullmatch(host) or self.api.has_plain_files(host)):
            sentence = _("The provider's response links to a URL that this site doesn't download from.")
            details = presentable(address, self.api.key)
            return UnusableAnswer(sentence, status=OK, details=details, request_id=answer.request_id)
        host, reason = presentable(host, self.api.key), presentable(address, self.api.key)
        place = _("The file is on %(host)s, a host this site doesn't download from.") % {"host": host}
        help_text = _("Ask a site admin to add it to SEGMIND_FILE_HOSTS.")
        unlisted = UnlistedHost(f"{place} {help_text}", status=OK, details=reason, request_id=answer.request_id)
        unlisted.place = place
        return unlisted

    def _unusable(self, answer: Answer, sentence: str, reason: str) -> UnusableAnswer:
        reason = presentable(reason, self.api.key)
        return UnusableAnswer(sentence, status=OK, reason=reason, request_id=answer.request_id)


def _not_downloaded(what: str, request_id: str, *, status: int = 0, reason: str = "") -> NotDownloaded:
    message = _("The file couldn't be downloaded (%(cause)s).") % {"cause": what}
    return NotDownloaded(message, status=status, reason=reason, request_id=request_id)


def _unwrapped(answer: Answer) -> bytes | str | None:
    """Return the picture in an answer, the address of its file, or None when the answer contains neither."""
    # A downloaded file is not searched for another address.
    if answer.is_file or looks_like_picture(answer.body):
        return answer.body
    for found in candidates(document(answer.body)):
        if is_address(found):
            return found
        if looks_like_picture(body := decoded(found)):
            return body
    return None


def address_of(version: str, request: ImageRequest) -> str:
    """Return the path of a model. Raises ModelGone for a slug that cannot be part of an address."""
    if not SLUG.fullmatch(request.slug):
        raise ModelGone(_("This model has no URL at the provider."), details=presentable(repr(request.slug)))
    return f"/{version}/{request.slug}"


def _balance(body: bytes, secret: str) -> Balance:
    """Return the balance in a reply. The provider writes `free-credits`; a balance may be negative."""
    found = fields(document(body))
    paid, free = _dollars(found, "credits"), _dollars({"free-credits": "0", **found}, "free-credits")
    if paid is None or free is None:
        raise ProviderFailed(NO_BALANCE, status=OK, reason=presentable(said(body), secret))
    return Balance(paid, free)


def _dollars(found: Mapping[str, object], name: str) -> Decimal | None:
    written = text(found.get(name))
    return Decimal(written) if NUMBER.fullmatch(written.removeprefix("-")) else None
