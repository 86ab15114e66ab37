"""Metadata of a picture: read back by an independent program, and written as a provider would."""

import json
import subprocess

from tests.imaging.pictures import chunk, riff, segment, vp8x, with_chunks, with_segments
from tests.infrastructure.programs import need

BOX = b"\0\0\0\x10jumbc2pa-stand-in"


def read_by_exiftool(data, kind, folder):
    """Return every field with its group; `ExifTool:Validate` counts errors, warnings and minor ones."""
    file = folder / f"picture.{kind}"
    file.write_bytes(data)
    command = [need("exiftool"), "-json", "-G1", "-all", "-validate", "-n", "-charset", "filename=utf8", str(file)]
    (found,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def with_manifest(data, kind):
    """Return the picture with a box where C2PA keeps its manifest."""
    match kind:
        case "png":
            return with_chunks(data, chunk(b"caBX", BOX))
        case "jpeg":
            return with_segments(data, segment(0xEB, b"JP\0\x01\0\0\0\x01" + BOX))
        case "webp":
            return riff(
                vp8x(64, 48), (data[12:16], data[20 : 20 + int.from_bytes(data[16:20], "little")]), (b"C2PA", BOX)
            )
