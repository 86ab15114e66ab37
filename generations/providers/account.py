"""What both versions of Segmind's API share, all of it free: the balance, the history, the picture of an answer.

https://docs.segmind.com/docs/platform/account-and-billing-apis
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from generations.errors import ModelGone, ProviderError, ProviderFailed, UnlistedHost, UnusableAnswer
from generations.imaging import looks_like_picture
from generations.providers import history
from generations.providers.base import Answer, Balance, ImageRequest, PastCall
from generations.providers.gateway import Gateway, Watch, is_loopback, unwatched
from generations.providers.kept import kept
from generations.providers.reading import NUMBER, document, fields, text
from generations.providers.transport import ERROR_CAP, OK, PICTURE_CAP, Reply, fetch
from generations.providers.unwrapping import candidates, complaint, decoded, is_address
from generations.providers.verdicts import presentable, said, verdict
from generations.providers.wire import public, public_or_loopback

SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
# What a person could put into the settings; an address in numbers leads into a network of ours sooner than to pictures.
NAME = re.compile(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]")
ADD_IT = "an administrator has to add it."
BALANCE = "/v1/get-user-credits"
NO_BALANCE = "The provider's balance cannot be read now."
BALANCE_SECONDS = 20.0
DOWNLOAD_SECONDS = 60.0


class Account:
    """One object serves any number of threads.

    `deadline` is seconds for one paid call. `file_hosts` are the names (or `name:port`) that pictures may be fetched
    from. `history_url` is the host that keeps the history, when it is not the API's own; both get the key, nobody else.
    Raises ValueError for an address or a key that cannot work; plain http is taken for loopback only.
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

    def refusal(self, reply: Reply) -> ProviderError:
        """The error that the answer to a paid call stands for, with its headers."""
        error = verdict(reply, paid=True, secret=self.api.key)
        error.headers = kept(reply.headers, self.api.key)
        return error

    def balance(self) -> Balance:
        seconds = min(self.deadline, BALANCE_SECONDS)
        return _balance(self.api.read(BALANCE, seconds=seconds, cap=ERROR_CAP, failure=NO_BALANCE), self.api.key)

    def past(self, since: datetime, until: datetime) -> list[PastCall]:
        return history.read(self.archive, since, until)

    def picture(self, answer: Answer) -> bytes:
        if looks_like_picture(answer.body):
            return answer.body
        for found in candidates(document(answer.body)):
            if is_address(found):
                return self._download(found, answer)
            if looks_like_picture(body := decoded(found)):
                return body
        raise self._unusable(answer, complaint(answer.body), said(answer.body))

    def _download(self, address: str, answer: Answer) -> bytes:
        """The picture behind an address; the key stays here."""
        names = self._names(address)
        if not names & self._file_hosts:
            raise self._not_fetched(answer, min(names, default=""), address)
        not_yet = "The picture is drawn, but could not be fetched from the provider yet."
        reach = public_or_loopback if self.api.local else public
        try:
            reply = fetch("GET", address, headers={}, deadline=DOWNLOAD_SECONDS, cap=PICTURE_CAP, reach=reach)
        except ProviderError as error:
            raise self._unusable(answer, not_yet, error.reason, retryable=True) from error
        if reply.status != OK:
            raise self._unusable(answer, not_yet, said(reply.body), status=reply.status, retryable=True)
        if not looks_like_picture(reply.body):
            sentence = "The provider's answer leads to a file that is no PNG, JPEG, WebP or AVIF."
            # A page of the network in between; the file may be behind it the next time.
            raise self._unusable(answer, sentence, address, retryable=True)
        return reply.body

    def _names(self, address: str) -> set[str]:
        """The host as it may be listed, without and with its port; empty for what is never fetched."""
        # Two parsers read this address; they differ over blanks, control characters and backslashes.
        if not re.fullmatch(r"[!-\[\]-~]+", address):
            return set()
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return set()
        secure = parts.scheme == "https" or (self.api.local and is_loopback(host))
        return {host, f"{host}:{port}"} if host and secure and parts.username is None else set()

    def _not_fetched(self, answer: Answer, host: str, address: str) -> UnusableAnswer:
        if not (NAME.fullmatch(host) or (self.api.local and is_loopback(host))):
            sentence = "The provider's answer leads to an address that this site does not fetch pictures from."
            return self._unusable(answer, sentence, address)
        host, reason = presentable(host, self.api.key), presentable(address, self.api.key)
        sentence = f"The picture is drawn and lies on {host}, which SEGMIND_FILE_HOSTS does not name; {ADD_IT}"
        return UnlistedHost(sentence, status=OK, reason=reason, request_id=answer.request_id)

    def _unusable(
        self, answer: Answer, sentence: str, reason: str, *, status: int = OK, retryable: bool = False
    ) -> UnusableAnswer:
        reason = presentable(reason, self.api.key)
        return UnusableAnswer(sentence, status=status, reason=reason, request_id=answer.request_id, retryable=retryable)


def address_of(version: str, request: ImageRequest) -> str:
    """Raises ModelGone for a name that cannot be part of an address."""
    if not SLUG.fullmatch(request.slug):
        raise ModelGone("This model has no address at the provider.", reason=presentable(repr(request.slug)))
    return f"/{version}/{request.slug}"


def _balance(body: bytes, secret: str) -> Balance:
    """The vendor spells it `free-credits`; a balance may be below zero."""
    found = fields(document(body))
    paid, free = _dollars(found, "credits"), _dollars({"free-credits": "0", **found}, "free-credits")
    if paid is None or free is None:
        raise ProviderFailed(NO_BALANCE, status=OK, reason=presentable(said(body), secret))
    return Balance(paid, free)


def _dollars(found: Mapping[str, object], name: str) -> Decimal | None:
    written = text(found.get(name))
    return Decimal(written) if NUMBER.fullmatch(written.removeprefix("-")) else None
