"""Files are written whole or not at all: a temporary file in the same folder, then a rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from derivations.errors import DerivationsError

TEMPORARY = ".tmp"  # the end of the name of what is not yet whole


class WriteError(DerivationsError):
    """A file that cannot be written."""


def write_file(path: Path, content: str | bytes, private: bool = False) -> None:
    """Write the file, replacing an older one only when everything is on the disk.

    Args:
        private: readable by its owner only.

    Raises:
        WriteError: no permission, no space, or no such folder.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=TEMPORARY, dir=path.parent
        )
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o600 if private else 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise WriteError(f"{path}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
