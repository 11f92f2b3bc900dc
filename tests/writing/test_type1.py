"""Fonts without what no letter needs: every letter is drawn by the same commands as before."""

from __future__ import annotations

import re

import pytest

from derivations.writing import booklets, type1
from derivations.writing.booklets import Press
from tests.writing.test_booklets import booklet

TEXT = r"\textbf{Fast flows} \textit{of} $x_1 = \frac{12}{34} \approx 0.35$, {\small 567}"


def fonts(pdf: bytes) -> dict[str, tuple[bytes, int]]:
    """The embedded fonts, and how many bytes of each are not encrypted."""
    import io

    import pikepdf

    found = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for part in document.objects:
            if isinstance(part, pikepdf.Dictionary) and "/FontFile" in part:
                file = part.FontFile
                font = file.read_bytes()
                assert int(file.Length1) + int(file.Length2) + int(file.Length3) == len(font)
                found[str(part.FontName)] = (font, int(file.Length1))
    return found


def opened(cipher: bytes, state: int) -> bytes:
    """Letter by letter, as the definition of the format says it."""
    plain = bytearray()
    for code in cipher:
        plain.append(code ^ (state >> 8))
        state = ((code + state) * 52845 + 22719) & 0xFFFF
    return bytes(plain[4:])


def charstrings(font: bytes, clear: int) -> tuple[dict[bytes, bytes], dict[int, bytes]]:
    """Letters and subroutines of a font."""
    private = opened(font[clear:], 55665)
    letters: dict[bytes, bytes] = {}
    subroutines: dict[int, bytes] = {}
    place = private.index(b"/Subrs")
    while match := re.compile(rb"(?:dup (\d+)|(/[\w.]+)) (\d+) RD ").search(private, place):
        place = match.end() + int(match[3])
        body = opened(private[match.end() : place], 4330)
        if match[2]:
            letters[match[2]] = body
        else:
            subroutines[int(match[1])] = body
    return letters, subroutines


def commands(code: bytes, subroutines: dict[int, bytes]) -> list[object]:
    """What a charstring does, with the subroutines in the places of their calls."""
    done: list[object] = []

    def run(code: bytes) -> None:
        place = 0
        while place < len(code):
            first = code[place]
            size = 2 if first == 12 or 247 <= first < 255 else 5 if first == 255 else 1
            part = code[place : place + size]
            place += size
            if first == 10:
                if done[-1] == b"\x0c\x11":  # n 1 3 callothersubr pop: hints are replaced
                    assert done[-4:-1] == [1, 3, b"\x0c\x10"]
                    del done[-4:]
                number = done.pop()
                assert isinstance(number, int)
                run(subroutines[number])
            elif first >= 255:
                done.append(int.from_bytes(part[1:], "big", signed=True))
            elif first >= 247:
                low, sign = (247, 1) if first < 251 else (251, -1)
                done.append(sign * ((first - low) * 256 + part[1] + 108))
            elif first >= 32:
                done.append(first - 139)
            elif first != 11:  # return
                done.append(part)

    run(code)
    return done


def test_letters_are_drawn_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press(booklet("0", TEXT))
    (slim,) = press.print([booklet("1", TEXT)])
    monkeypatch.setattr(booklets, "slimmed", lambda font, clear: font)
    (whole,) = press.print([booklet("1", TEXT)])
    before, after = fonts(whole), fonts(slim)
    assert before.keys() == after.keys()
    assert len(before) > 8
    for name, font in after.items():
        letters, subroutines = charstrings(*font)
        others, all_subroutines = charstrings(*before[name])
        assert letters.keys() == others.keys()
        assert list(subroutines) == list(range(len(subroutines)))
        for letter, code in letters.items():
            assert commands(code, subroutines) == commands(others[letter], all_subroutines)
    assert len(slim) < 0.6 * len(whole)


def test_a_font_of_another_layout_stays_as_it_is() -> None:
    font = b"%!PS" + type1.encrypted(b"/Subrs 2 array\ndup 0 5 -| abcde |\n", type1.EEXEC)
    assert type1.slimmed(font, 4) == font
    assert type1.slimmed(b"%!PS", 4) == b"%!PS"


@pytest.mark.parametrize("length", [0, 1, 7, 300, 40_000])
def test_what_is_encrypted_is_read_again(length: int) -> None:
    plain = bytes(place * 7 % 256 for place in range(length))
    cipher = type1.encrypted(plain, type1.CHARSTRING)
    assert opened(cipher, type1.CHARSTRING) == plain
    assert type1.decrypted(cipher, type1.CHARSTRING) == plain
