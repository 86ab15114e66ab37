"""Names of files made from what people wrote: their own letters, and nothing that a system refuses or obeys."""

import re
import unicodedata

from generations.models import Image

# 255 bytes are the most of a name on usual disks, 143 on encrypted ones; date, id, size and ending need up to 60.
MAX_WORDS_BYTES = 80
# Windows opens a device for these, whatever their case.
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{n}" for kind in ("COM", "LPT") for n in "0123456789¹²³")}
JOINER, NON_JOINER = "\u200d", "\u200c"
LOOSE_JOINERS = re.compile(f"[{JOINER}{NON_JOINER}]+(?= |$)")
BLACK_FLAG = "\U0001f3f4"
# What stands for an object or a character that could not be read.
PLACEHOLDERS = "\ufffc\ufffd"
APOSTROPHES = "'\u2019"
# Thai and Lao AM and the half-width Japanese voice marks are letters that stand on the letter before.
LEANING_LETTERS = "\u0e33\u0eb3\uff9e\uff9f"


def words_in_name(text: str, otherwise: str, most: int = MAX_WORDS_BYTES) -> str:
    """Return the letters, marks, digits and emoji of a text with single spaces between; `otherwise` without any.

    The name has at most `most` bytes, and no character that a reader sees as one is cut apart.
    """
    words = ""
    for one in _characters(unicodedata.normalize("NFC", text)):
        if len(f"{words}{one}".encode()) > most:
            break
        if one != " " or not words.endswith(" "):
            words += one
    words = LOOSE_JOINERS.sub("", words).strip(" -_")
    if words.upper() in RESERVED:
        return f"{words}_"
    return words or otherwise


def size_in_name(image: Image) -> str:
    """Return the size, such as `1024x768`: one seed in several sizes gives pictures that only it tells apart."""
    return f"{image.width}x{image.height}"


def _characters(text: str) -> list[str]:
    """Return what a reader sees as one character each; what has no place in a name is a space, or left out."""
    found: list[str] = []
    for sign in text:
        last = found[-1] if found else " "
        if sign in APOSTROPHES:
            continue
        if _leans(sign, last):
            if last != " ":
                found[-1] += sign
        elif _is_plain(sign):
            found.append(sign)
        elif unicodedata.category(sign) != "Cf":
            found.append(" ")
    return found


def _leans(sign: str, last: str) -> bool:
    """Return whether the sign is one character together with what stands before it."""
    if sign in (JOINER, NON_JOINER) or unicodedata.category(sign).startswith("M"):
        return True
    if sign in LEANING_LETTERS or "\U0001f3fb" <= sign <= "\U0001f3ff" or "\u1160" <= sign <= "\u11ff":
        return True
    if "\U000e0020" <= sign <= "\U000e007f":
        return last.startswith(BLACK_FLAG)
    is_second_half = _is_flag_half(sign) and len(last) == 1 and _is_flag_half(last)
    return is_second_half or (last.endswith(JOINER) and _is_picture(sign))


def _is_plain(sign: str) -> bool:
    """Return whether the sign may stand in a name on every system, also where it is read as the ASCII it looks like."""
    if any(one.isascii() and not one.isalnum() and one not in "-_" for one in unicodedata.normalize("NFKC", sign)):
        return False
    return sign in "-_" or _is_picture(sign) or unicodedata.category(sign)[0] in "LN"


def _is_picture(sign: str) -> bool:
    # The range holds emoji that are newer than Python's tables.
    return (unicodedata.category(sign) == "So" and sign not in PLACEHOLDERS) or "\U0001f300" <= sign <= "\U0001faff"


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
