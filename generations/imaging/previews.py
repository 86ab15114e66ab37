"""JPEG previews for other sites: chats read every JPEG, and most show none that is heavier than 300 KB."""

from io import BytesIO

from PIL import Image

from generations.imaging.provenance import marked
from generations.imaging.provenance_packet import Mark

MAX_PREVIEW_SIDE = 1200
MAX_PREVIEW_BYTES = 300_000
# Pictures with little noise fit with the first. Pure noise of 1200 × 1200 pixels has 250 KB with 20, 125 KB with 10.
PREVIEW_QUALITIES = (85, 75, 65, 50, 35, 20, 10)


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of the preview of a picture of this size; it is never enlarged."""
    scale = min(1.0, MAX_PREVIEW_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def preview(pixels: Image.Image) -> bytes:
    """Return the preview of validated RGB or RGBA pixels, marked as AI-generated; what is transparent becomes white."""
    scaled = pixels.resize(preview_size(*pixels.size), Image.Resampling.BICUBIC, reducing_gap=2.0)
    opaque = _on_white(scaled) if scaled.mode == "RGBA" else scaled
    # Without the file's metadata, which a scaled picture inherits.
    opaque.info = {}
    for quality in PREVIEW_QUALITIES:
        data = marked(_jpeg(opaque, quality), "jpeg", Mark())
        if len(data) <= MAX_PREVIEW_BYTES:
            break
    return data


def _on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()
