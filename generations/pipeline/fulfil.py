"""The way of one queued generation through a worker: claim, sent, call, spool, store."""

import logging
import uuid
from functools import cache

from generations.conf import Conf, conf
from generations.errors import OutcomeUnknown, ProviderError
from generations.pipeline.claim import Claim, claim, mark_sent
from generations.pipeline.outcomes import settle
from generations.pipeline.store import accept, free_connection
from generations.providers import Segmind
from generations.providers.base import Answer, Provider
from generations.storage import spool

logger = logging.getLogger(__name__)
DISK = "The picture was drawn and charged, but this site's disk could not take it."


def fulfil(generation_id: uuid.UUID, provider: Provider | None = None) -> None:
    """Does nothing when the generation is not queued and due, so a message may come twice, late or by mistake."""
    provider = provider or configured_provider()
    claimed = claim(generation_id)
    if claimed is None or not mark_sent(claimed):
        return
    free_connection()
    try:
        answer = provider.call(claimed.request)
    except ProviderError as error:
        settle(claimed, error)
        return
    if _spooled(claimed, answer):
        accept(claimed.attempt_id, answer, provider)


def _spooled(claimed: Claim, answer: Answer) -> bool:
    try:
        spool.write(claimed.attempt_id, answer)
    except OSError as error:
        logger.exception("the spool took no answer for attempt %s", claimed.attempt_id)
        settle(claimed, OutcomeUnknown(DISK, status=200, reason=str(error.strerror), request_id=answer.request_id))
        return False
    return True


def configured_provider() -> Provider:
    return _segmind(conf())


@cache
def _segmind(settings: Conf) -> Provider:
    return Segmind(settings.base_url, settings.api_key, deadline=settings.timeout, file_hosts=settings.file_hosts)
