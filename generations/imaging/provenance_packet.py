"""The fields of a mark in a copy, as an XMP packet."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

# The value that readers compare with, including `http:`.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TOOL = "HiDream Gallery"
# A segment of a JPEG takes 64 KiB with its own header; longer prompts are left out, the mark never is.
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
    """The known facts about a picture's origin. The mark “AI-generated” is always written; empty fields are not."""

    system: str = ""
    version: str = ""
    made_at: datetime | None = None
    prompt: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Return a short hash of the mark's content, which is all that differs between copies of one picture."""
        return hashlib.sha256(packet(self)).hexdigest()[:16]


def packet(mark: Mark) -> bytes:
    """Return the XMP packet of a mark, without prompt and parameters if they are too long for a container."""
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
    # Some readers take a bare carriage return for a line feed, others do not.
    return escape(NOT_IN_XML.sub("", words), quote=False).replace("\r", "&#13;")
