"""A code for every paper: it says which student's variant it is to those who have the manifest."""

from __future__ import annotations

import base64
import hashlib
import hmac

SIZE = 12  # letters; 60 bits


def paper_code(secret: bytes, exam: str, student: str) -> str:
    """HMAC-SHA256(secret, "code", exam, student) in twelve letters and digits, in groups of four.

    It holds no name and no number, and nobody without the secret can tell whose it is.
    """
    message = b"\0".join((b"derivations/1 code", exam.encode(), student.encode()))
    letters = base64.b32encode(hmac.digest(secret, message, hashlib.sha256)).decode()
    return "-".join(letters[place : place + 4] for place in range(0, SIZE, 4))


def qr_modules(code: str) -> tuple[tuple[bool, ...], ...]:
    """The rows of the QR code (level M) for a paper's code, dark modules true, without its margin."""
    import segno

    return tuple(tuple(map(bool, row)) for row in segno.make(code, error="m", micro=False).matrix)
