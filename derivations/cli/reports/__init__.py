"""Reports on checked derivations: a page, a sheet, a table for a course, lines for the terminal."""

from derivations.cli.reports.page import html
from derivations.cli.reports.rows import Report
from derivations.cli.reports.sheet import tex
from derivations.cli.reports.table import table
from derivations.cli.reports.terminal import overview, text

__all__ = ["Report", "html", "overview", "table", "tex", "text"]
