"""Validation: bytes that claim to be a picture become pixels, or UnusableImage. Later code never sees raw bytes."""

import hashlib
from dataclasses import dataclass, field
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from generations.errors import UnusableImage
from generations.imaging.avif import PixelSize
from generations.imaging.container import NAMES, DetectedFormat, ImageFormat, Outline, outline, sniff

MIN_SIDE = 8
MAX_SIDE = 8192
MAX_PIXELS = 40_000_000
# Profiles of real cameras and displays have 0.5 to 600 KiB.
MAX_PROFILE = 1024 * 1024
PROFILED = frozenset({"L", "RGB", "RGBA", "CMYK"})


@dataclass(frozen=True)
class Inspected:
    """A valid picture; `size` counts bytes, `pixels` is decoded sRGB in mode RGB or RGBA.

    `picture` is the file to serve, and `format`, `sha256` and `size` are its own: the received bytes if they are one
    clean picture, else a file made from them. `changed` is a sentence about the change, empty without one; `received`
    is the format of the received bytes.
    """

    format: ImageFormat
    width: int
    height: int
    sha256: str
    size: int
    pixels: Image.Image
    picture: bytes = field(repr=False)
    received: DetectedFormat
    changed: str


def inspect(data: bytes) -> Inspected:
    """Return the validated picture. Raises UnusableImage, and nothing else, with a sentence about what was found.

    1. magic bytes; 2. the picture's end, its size in the header, its first frame; 3. size limits; only then Pillow,
    restricted to the one format: 4. a single frame, checksums; 5. pixels, decoded once. Pillow's global limits are set
    to the same values each time, so that threads cannot disturb one another.
    """
    kind = sniff(data)
    found = outline(data, kind)
    _check_size(found.size)
    still = bytes(found.still)
    pixels = _decode(still, kind, found.size)
    # In an AVIF, data outside of the picture cannot be distinguished from its own, and it has no place for a mark.
    format: ImageFormat = "png" if kind == "avif" or found.animated else kind
    picture = _png(pixels) if kind == "avif" or found.animated else still
    digest = hashlib.sha256(picture).hexdigest()
    changed = "" if picture == data else _change(data, kind, found)
    return Inspected(format, *pixels.size, digest, len(picture), pixels, picture, kind, changed)


def _change(data: bytes, kind: DetectedFormat, found: Outline) -> str:
    if found.animated:
        return _("The provider sent an animated %(format)s; this is its first frame.") % {"format": NAMES[kind]}
    if kind == "avif":
        return _("The provider sent an AVIF; this is the same picture as a PNG.")
    count = len(data) - len(found.still)
    return ngettext(
        "The provider sent %(count)s extra byte after the end of the %(format)s; it was removed.",
        "The provider sent %(count)s extra bytes after the end of the %(format)s; they were removed.",
        count,
    ) % {"count": f"{count:,}", "format": NAMES[kind]}


def _png(pixels: Image.Image) -> bytes:
    file = BytesIO()
    pixels.save(file, "PNG")
    return file.getvalue()


def _check_size(size: PixelSize) -> None:
    width, height = size
    # The size is checked before anything is allocated for it. This also makes an error of what Pillow only warns about
    # (DecompressionBombWarning, up to twice its limit); a warning filter would be shared by all threads.
    if min(size) < MIN_SIDE or max(size) > MAX_SIDE:
        text = _("The picture is %(width)s × %(height)s pixels; each side must be %(least)s to %(most)s.")
        raise UnusableImage(text % {"width": width, "height": height, "least": MIN_SIDE, "most": MAX_SIDE})
    if width * height > MAX_PIXELS:
        text = _("The picture is %(width)s × %(height)s pixels; the maximum is %(most)s megapixels.")
        raise UnusableImage(text % {"width": width, "height": height, "most": MAX_PIXELS // 1_000_000})


def _decode(data: bytes, kind: DetectedFormat, size: PixelSize) -> Image.Image:
    # Any library can change these two for the whole process, so they are set where they matter.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with _open(data, kind) as image:
            _check_single(image, kind, size)
            # Verifies the checksums of a PNG, decodes nothing, and leaves the object unusable.
            image.verify()
        with _open(data, kind) as image:
            image.load()
            _check_single(image, kind, size)
            # The pixels of an AVIF are rotated, because a reader may ignore the orientation in its metadata.
            return _plain(ImageOps.exif_transpose(image) if kind == "avif" else image)
    except UnusableImage:
        raise
    except UnidentifiedImageError as error:
        # Its text names a Python object and no cause.
        text = _("The %(format)s file is damaged: its header is invalid.") % {"format": NAMES[kind]}
        raise UnusableImage(text) from error
    # Broken files make Pillow raise SyntaxError, ValueError, struct.error, OverflowError, MemoryError and more.
    except Exception as error:
        reason = str(error).rstrip(".") or type(error).__name__
        text = _("The %(format)s file can't be decoded: %(cause)s.") % {"format": NAMES[kind], "cause": reason}
        raise UnusableImage(text) from error


def _open(data: bytes, kind: DetectedFormat) -> Image.Image:
    return Image.open(BytesIO(data), formats=(kind.upper(),))


def _check_single(image: Image.Image, kind: DetectedFormat, size: PixelSize) -> None:
    # Pillow opens a JPEG that lists further pictures as MPO whatever format was requested; they follow its end.
    formats = {"JPEG", "MPO"} if kind == "jpeg" else {kind.upper()}
    if image.format not in formats or (kind != "jpeg" and getattr(image, "n_frames", 1) != 1):
        text = _("The picture has %(count)s frames; only single-frame pictures are accepted.")
        raise UnusableImage(text % {"count": getattr(image, "n_frames", 1)})
    if image.size != size:
        raise UnusableImage(_("The picture contains conflicting sizes."))


def _plain(image: Image.Image) -> Image.Image:
    """Return a loaded picture as sRGB, RGBA when it has transparency, without any metadata.

    The alpha of every mode and of a PNG's transparent colour is kept; a colour profile is applied and dropped.
    """
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        # 16 bits of grey: convert() would clip at 255 instead of scaling.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in PROFILED or (mode == "RGBA" and image.mode != "CMYK"):
        image = image.convert(mode)
    if isinstance(profile, bytes) and 0 < len(profile) <= MAX_PROFILE:
        image = _to_srgb(image, profile, mode)
    bare = image.convert(mode)
    bare.info = {}
    return bare


def _to_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        # Profiles are made for each call, because the library does not promise that threads may share them.
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    # A profile is hostile input to a C library that fails in many types; the picture is usable without it.
    except Exception:  # noqa: BLE001 - for the reason above
        return image
    return converted or image
