"""One form of a text for comparing: capitals, accents and other ways to write the same letters do not count.

Names, tags and the words of a search are compared by it, and sorted by it. Whatever decides who somebody is (an email
address) or whether something was paid for before (a fingerprint) is not: two that look alike may differ.
"""

import re
import unicodedata

# Accents by their ranges, behind a letter, and not every combining mark: Thai, Devanagari and other scripts write
# vowels as marks, か with its mark is the other letter が, and ≠ is no =. Of Arabic the vowel signs, not the hamza,
# which makes another letter.
ACCENTS = re.compile(
    r"(?<=\w)["
    r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff"  # Latin, Greek, Cyrillic
    r"\u0483-\u0487\u2de0-\u2dff\ua66f\ua674-\ua67d"  # old Cyrillic
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    r"\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic
    r"]+"
)
# What is not seen and comes along when a text is pasted: soft hyphens, joiners, marks of direction, variants of a sign.
INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
# Invisible, but no space: they join letters of Persian and Hindi, and the people of one emoji.
JOINERS = "\u200c\u200d"
# Letters that Unicode does not take apart.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe"}  # \u0131: i without its dot
)


def fold(text: str) -> str:
    """Return the text for comparing: equal for texts that differ in case, accents, width or spaces only.

    The same for a letter written as one character and as a letter with marks. Empty for a text of nothing visible.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold()
    letters = ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).translate(LETTERS)
    return " ".join(unicodedata.normalize("NFC", letters).split())
