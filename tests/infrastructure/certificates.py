"""A certificate authority for tests, and certificates as an operator would have them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CURVES = {"es256": (ec.SECP256R1, hashes.SHA256), "es384": (ec.SECP384R1, hashes.SHA384)}
SIGNS = {"digital_signature": True, "key_cert_sign": False, "crl_sign": False}
CERTIFIES = {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
NEVER = dict.fromkeys(
    ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
    False,
)


def certified(folder, *, days=365, curve="es256"):
    """Return the files of a certificate chain and of its key, which only the owner may read."""
    kind, digest = CURVES[curve]
    authority_key, key = ec.generate_private_key(kind()), ec.generate_private_key(kind())
    authority = _certificate("Gallery test authority", authority_key, "Gallery test authority", authority_key, digest)
    leaf = _certificate("Harbour gallery", key, "Gallery test authority", authority_key, digest, days, leaf=True)
    folder.mkdir(exist_ok=True)
    certificate_file, key_file = folder / "signing.pem", folder / "signing.key"
    certificate_file.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, authority)))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key_file.chmod(0o600)
    return certificate_file, key_file


def _certificate(name, key, issuer, issuer_key, digest, days=365, *, leaf=False):
    now = datetime.now(UTC)
    build = x509.CertificateBuilder().serial_number(x509.random_serial_number())
    build = build.subject_name(_name(name)).issuer_name(_name(issuer)).public_key(key.public_key())
    build = build.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=days))
    build = build.add_extension(x509.BasicConstraints(ca=not leaf, path_length=None), critical=True)
    build = build.add_extension(x509.KeyUsage(**(SIGNS if leaf else CERTIFIES), **NEVER), critical=True)
    build = build.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    build = build.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if leaf:
        build = build.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return build.sign(issuer_key, digest())


def _name(words):
    parts = (NameOID.ORGANIZATION_NAME, "Harbour"), (NameOID.COMMON_NAME, words)
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])
