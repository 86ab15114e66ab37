"""The operator's signing certificate and its key, which stay where the operator keeps them."""

from pathlib import Path

from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import CannotSign
from generations.imaging import Credentials


def credentials() -> Credentials:
    """Return the certificate and key, read on every call so that a renewal takes effect at once. Raises CannotSign."""
    try:
        return Credentials(Path(conf().c2pa_certificate).read_bytes(), Path(conf().c2pa_key).read_bytes())
    except OSError as error:
        raise CannotSign(
            _("%(file)s can't be read: %(cause)s.") % {"file": error.filename, "cause": error.strerror}
        ) from None
