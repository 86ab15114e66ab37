"""What a copy says about itself: the fields of a mark, as an XMP packet."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

# The value that readers compare with, `http:` included.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TOOL = "HiDream Gallery"
# A segment of a JPEG takes 64 KiB with its own header; longer words are left out, the mark never is.
MAX_PACKET_LENGTH = 60_000
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
SIGNATURE = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{TOOL}">'
HEAD = (
    f'{BEGIN}{SIGNATURE}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/">'
)
TAIL = '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'


@dataclass(frozen=True)
class Mark:
    """What is known of a picture's making. That it is AI-generated is always said; what is empty is not."""

    system: str = ""
    version: str = ""
    made_at: datetime | None = None
    prompt: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Names what the mark says: copies of one picture differ by it and by nothing else."""
        return hashlib.sha256(packet(self)).hexdigest()[:16]


def packet(mark: Mark) -> bytes:
    """Prompt and parameters are left out when they are too long for every container."""
    whole = _packet([*_always(mark), *_words(mark)])
    return whole if len(whole) <= MAX_PACKET_LENGTH else _packet(_always(mark))


def is_ours(found: bytes) -> bool:
    return found.startswith((BEGIN + SIGNATURE).encode())


def _packet(fields: Iterable[tuple[str, str]]) -> bytes:
    return (HEAD + "".join(f"<{name}>{inner}</{name}>" for name, inner in fields) + TAIL).encode()


def _always(mark: Mark) -> Iterator[tuple[str, str]]:
    yield "Iptc4xmpExt:DigitalSourceType", SOURCE_TYPE
    yield "xmp:CreatorTool", TOOL
    yield "photoshop:Credit", _text(f"AI-generated with {mark.system}" if mark.system else "AI-generated")
    if mark.system:
        yield "Iptc4xmpExt:AISystemUsed", _text(mark.system)
    if mark.version:
        yield "Iptc4xmpExt:AISystemVersionUsed", _text(mark.version)
    if mark.made_at:
        yield "xmp:CreateDate", mark.made_at.isoformat(timespec="seconds")


def _words(mark: Mark) -> Iterator[tuple[str, str]]:
    if mark.prompt:
        yield "Iptc4xmpExt:AIPromptInformation", _text(mark.prompt)
    if mark.parameters:
        lines = _text("\n".join(f"{name}: {value}" for name, value in mark.parameters.items()))
        yield "exif:UserComment", f'<rdf:Alt><rdf:li xml:lang="x-default">{lines}</rdf:li></rdf:Alt>'


def _text(words: str) -> str:
    # A bare carriage return is read as a line feed by some and as itself by others.
    return escape(NOT_IN_XML.sub("", words), quote=False).replace("\r", "&#13;")
