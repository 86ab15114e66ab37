"""What a browser makes of a download's header, and a spreadsheet of its bytes."""

import csv
import io
import re
from codecs import BOM_UTF8
from email.message import Message


def name_of(response):
    """Return the name of the file as a browser that knows RFC 6266 reads it."""
    header = response["Content-Disposition"]
    assert re.fullmatch(r"[\x20-\x7e]+", header)
    # Python's parser takes the first of two names, a browser the extended one.
    header = re.sub(r'filename="[^"]*"; (?=filename\*=)', "", header)
    message = Message()
    message["Content-Disposition"] = header
    return message.get_filename()


def size_of(picture):
    """Return the size as it stands in the name of a picture's file."""
    return f"{picture.image.width}x{picture.image.height}"


def rows_of(data):
    """Return the lines of a CSV file that Excel opens as it is: the mark at its start names the encoding."""
    assert data.startswith(BOM_UTF8)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
