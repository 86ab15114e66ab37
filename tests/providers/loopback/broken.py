"""Every way in which a server can answer badly, and the reason given for it; LATE where only the deadline ends it."""

from tests.providers.calls import LATE
from tests.providers.loopback import hostile
from tests.providers.loopback.hostile import HEAD, PNG, drip_after, flood_after, hang_after, raw, reset_after

BROKEN_ANSWERS = {
    "close without an answer": (raw(b""), "the connection was closed without a response"),
    "reset before headers": (reset_after(), "the connection was reset"),
    "reset inside headers": (reset_after(HEAD), "the connection was reset"),
    "reset after headers": (reset_after(HEAD + b"Content-Length: 9\r\n\r\n"), "the connection was reset"),
    "reset in the body": (reset_after(HEAD + b"Content-Length: 999\r\n\r\n" + PNG), "the connection was reset"),
    "reset in a body without length": (reset_after(HEAD + b"\r\n" + PNG), "the connection was reset"),
    "hang": (hang_after(), LATE),
    "hang inside headers": (hang_after(HEAD), LATE),
    "hang in the body": (hang_after(HEAD + b"Content-Length: 999\r\n\r\nx"), LATE),
    "hang in a body without length": (hang_after(HEAD + b"\r\n" + PNG), LATE),
    "drip the status line": (drip_after(b"HTTP/1.1 200 O"), LATE),
    "drip headers": (drip_after(HEAD, drops=b"a: b\r\n"), LATE),
    "drip one header": (drip_after(HEAD + b"a: "), LATE),
    "drip the body": (drip_after(HEAD + b"Content-Length: 9999\r\n\r\n"), LATE),
    "drip a body without length": (drip_after(HEAD + b"\r\n"), LATE),
    "drip chunks": (
        drip_after(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", drops=b"1\r\nx\r\n"),
        LATE,
    ),
    "continue for ever": (
        drip_after(drops=b"HTTP/1.1 100 Continue\r\n\r\n", gap=0.001),
        LATE,
    ),
    "flood of continues": (flood_after(flood=b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
    "fewer bytes than declared": (raw(HEAD + b"Content-Length: 999\r\n\r\n" + PNG[:99]), "the response was cut short"),
    "more bytes declared than taken": (
        hang_after(HEAD + b"Content-Length: 1048577\r\n\r\n"),
        "the response has 1,048,577 bytes; the maximum is 1,048,576",
    ),
    "more bytes than taken": (flood_after(HEAD + b"\r\n"), "the response has more than 1,048,576 bytes"),
    "more chunks than taken": (
        flood_after(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", flood=b"3f8\r\n" + b"x" * 1016 + b"\r\n"),
        "the response has more than 1,048,576 bytes",
    ),
    "gzip bomb": (raw(hostile.gzip_bomb()), "the response has the unrequested encoding gzip"),
    "unknown encoding": (
        raw(HEAD + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
        "the response has the unrequested encoding br",
    ),
    "too many headers": (raw(HEAD + b"a: b\r\n" * 200 + b"\r\n" + PNG), "the response isn't HTTP"),
    "a header without end": (flood_after(HEAD + b"a: "), "the response isn't HTTP"),
    "garbage": (raw(b"\x00\x01\x02 hello\r\n\r\n"), "the response isn't HTTP"),
    "a status that is no number": (raw(b"HTTP/1.1 OK 200\r\n\r\n"), "the response isn't HTTP"),
    "HTTP/0.9": (raw(PNG), "the response isn't HTTP"),
    "another protocol": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "the response isn't HTTP"),
    "chunks that are none": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n"),
        "the response was cut short",
    ),
    "chunks without an end": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n"),
        "the response was cut short",
    ),
    "a chunk size without end": (
        flood_after(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", flood=b"1"),
        "the response isn't HTTP",
    ),
    "two lengths": (
        raw(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
        "the response isn't HTTP",
    ),
}
