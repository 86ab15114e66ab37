"""Orders that fail one by one because of what only an administrator can mend: a wrong address, a model that is gone."""

from generations.errors import InvalidRequest, KeyRejected, ModelGone, ProviderError
from generations.pipeline.admin_alerts import alert_admins_throttled

SUBJECTS: dict[type[ProviderError], str] = {
    InvalidRequest: "The provider cannot take this site's orders",
    ModelGone: "The provider does not draw with a model any more",
    KeyRejected: "The provider does not let this site use a model",
}
INSTRUCTIONS = "Each order that meets this fails, at no cost, until somebody has mended it. This is told once an hour."


def note_error(error: ProviderError) -> None:
    """Nothing is paused: other models may well be drawn. What may be tried again has its pause and mail already."""
    kind = type(error)
    if kind in SUBJECTS and not error.retryable:
        alert_admins_throttled(f"orders fail: {kind.__name__}", SUBJECTS[kind], f"{error.full_message} {INSTRUCTIONS}")
