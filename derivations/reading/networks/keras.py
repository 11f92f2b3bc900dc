"""Keras: the configuration of a ``.keras`` archive or of a JSON file; weights are never opened."""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

from derivations.reading.networks.protobuf import DamagedFile

MOST_BYTES = 16 << 20  # of a configuration, unpacked
MOST_ARCHIVE = 16 << 30
CONFIG = "config.json"
UNREADABLE = (  # what zipfile and its decompressors raise for damaged bytes
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def read_keras(path: Path) -> dict[str, Any]:
    """The configuration of the model: class_name and config.

    Raises:
        DamagedFile: no archive or JSON of Keras, damaged, or larger than anything that is read.
        OSError: it cannot be read.
    """
    data = _unpacked(path) if path.suffix == ".keras" else _text(path)
    try:
        found = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise DamagedFile("the configuration is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise DamagedFile(
            f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise DamagedFile("the configuration is nested too deep") from None
    if not isinstance(found, dict) or not isinstance(found.get("config"), (dict, list)):
        raise DamagedFile(
            "no configuration of a Keras model: 'class_name' and 'config' are missing"
        )
    return found


def _text(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DamagedFile(f"a file of {size} bytes; at most {MOST_BYTES}")
    return path.read_bytes()


def _unpacked(path: Path) -> bytes:
    """config.json of the archive, and not a byte more than the bound, whatever its header says."""
    if path.stat().st_size > MOST_ARCHIVE:
        raise DamagedFile(f"an archive of more than {MOST_ARCHIVE} bytes")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(CONFIG) as file:
            data = file.read(MOST_BYTES + 1)
    except KeyError:
        raise DamagedFile(f"an archive without {CONFIG}") from None
    except UNREADABLE as error:
        raise DamagedFile(f"no readable archive: {error}") from None
    if len(data) > MOST_BYTES:
        raise DamagedFile(f"{CONFIG} unpacks to more than {MOST_BYTES} bytes")
    return data
