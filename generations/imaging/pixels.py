"""One colour space and two modes for all validated pictures: sRGB, as RGB or RGBA."""

from io import BytesIO

from PIL import Image, ImageCms

# Profiles of real cameras and displays have 0.5 to 600 KiB.
MAX_PROFILE = 1024 * 1024
PROFILED = frozenset({"L", "RGB", "RGBA", "CMYK"})


def plain(image: Image.Image) -> Image.Image:
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
