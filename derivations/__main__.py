"""``python -m derivations``."""

from derivations.cli.app import main

main()
