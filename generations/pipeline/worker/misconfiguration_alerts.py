"""Alerts about requests that fail because of a fault that only an administrator can fix, such as a wrong address."""

from generations.errors import InvalidRequest, KeyRejected, ModelGone, ProviderError
from generations.pipeline.admin_alerts import alert_admins_throttled

SUBJECTS: dict[type[ProviderError], str] = {
    InvalidRequest: "The provider cannot take this site's orders",
    ModelGone: "The provider does not draw with a model any more",
    KeyRejected: "The provider does not let this site use a model",
}
INSTRUCTIONS = "Each order that meets this fails, at no cost, until somebody has mended it. This is told once an hour."


def note_error(error: ProviderError) -> None:
    """Alert the administrators about such an error.

    Nothing is paused, because other models may still work. Retryable errors have a pause and an email of their own.
    """
    kind = type(error)
    if kind in SUBJECTS and not error.retryable:
        alert_admins_throttled(f"orders fail: {kind.__name__}", SUBJECTS[kind], f"{error.full_message} {INSTRUCTIONS}")
