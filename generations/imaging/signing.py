"""A C2PA signature in a marked copy, with the operator's certificate. Needs the packages of the extra `c2pa`."""

import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from django.utils.translation import gettext as _

from generations.errors import CannotSign
from generations.imaging.provenance_packet import SOURCE_TYPE, TOOL, Mark

# By default a thumbnail of up to a megabyte is included.
SETTINGS = {"builder": {"thumbnail": {"enabled": False}}}
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True)
class Credentials:
    """PEM: the certificate followed by its issuers' certificates, and its key."""

    certificate: bytes
    key: bytes = field(repr=False)


def signed(data: bytes, format: str, mark: Mark, credentials: Credentials) -> bytes:
    """Return the copy with a manifest, which any later change of a byte breaks. Raises CannotSign.

    No other host is contacted, not even for a time stamp.
    """
    c2pa, algorithm = _library("c2pa"), algorithm_of(credentials)
    info = c2pa.C2paSignerInfo(algorithm, credentials.certificate, credentials.key, None)
    out = io.BytesIO()
    try:
        with (
            c2pa.Settings.from_dict(SETTINGS) as settings, c2pa.Context(settings) as context,
            c2pa.Builder(_manifest(mark), context) as builder, c2pa.Signer.from_info(info) as signer,
        ):  # fmt: skip
            builder.sign(signer, f"image/{format}", io.BytesIO(data), out)
    except c2pa.C2paError as error:
        raise CannotSign(_("The certificate and its key can't sign: %(error)s") % {"error": error}) from None
    return out.getvalue()


def algorithm_of(credentials: Credentials) -> str:
    """Return C2PA's name of the algorithm. Raises CannotSign for a foreign key, or one of an unsupported kind."""
    certificate, key = _certificate(credentials), _key(credentials)
    if certificate.public_key() != key.public_key():
        raise CannotSign(_("The key doesn't match the first certificate in the file."))
    kinds = {name: _library(f"cryptography.hazmat.primitives.asymmetric.{name}") for name in ("ec", "ed25519", "rsa")}
    if isinstance(key, kinds["ec"].EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, kinds["ed25519"].Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, kinds["rsa"].RSAPrivateKey):
        return "ps256"
    raise CannotSign(_("C2PA doesn't support this type of key. Use ECDSA on P-256, P-384 or P-521, Ed25519 or RSA."))


def ends_at(credentials: Credentials) -> datetime:
    """Return when the certificate expires, and with it its signatures. Raises CannotSign."""
    ends: datetime = _certificate(credentials).not_valid_after_utc
    return ends


def is_valid(data: bytes, format: str) -> bool:
    """Return whether the manifest is valid, of any signer. Raises CannotSign without the library."""
    c2pa = _library("c2pa")
    try:
        with c2pa.Reader(f"image/{format}", io.BytesIO(data)) as reader:
            return json.loads(reader.json()).get("validation_state") in {"Valid", "Trusted"}
    except c2pa.C2paError:
        return False


def _manifest(mark: Mark) -> dict[str, object]:
    agent = {"name": mark.system or TOOL} | ({"version": mark.version} if mark.version else {})
    action = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE, "softwareAgent": agent}
    if mark.made_at:
        action["when"] = mark.made_at.isoformat(timespec="seconds")
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [action]}}
    return {"claim_generator_info": [{"name": TOOL}], "assertions": [actions]}


def _certificate(credentials: Credentials) -> Any:
    try:
        return _library("cryptography.x509").load_pem_x509_certificates(credentials.certificate)[0]
    except ValueError:
        raise CannotSign(_("The certificate file contains no certificate in PEM format.")) from None


def _key(credentials: Credentials) -> Any:
    # TypeError: the key is encrypted.
    try:
        return _library("cryptography.hazmat.primitives.serialization").load_pem_private_key(credentials.key, None)
    except (ValueError, TypeError):
        raise CannotSign(_("The key file contains no key in PEM format, or the key needs a password.")) from None


@cache
def _library(name: str) -> ModuleType:
    """Import a library at the first use, because it takes 50 MB that most sites do not need. Raises CannotSign."""
    try:
        return import_module(name)
    except ImportError:
        raise CannotSign(_("The packages for signing aren't installed.")) from None
