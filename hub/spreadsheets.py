"""Tables that people open in a spreadsheet: no cell of ours is ever taken for a formula."""

from typing import Any

from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX

from hub.text import harmless


class Harmless:
    """Mixed into a table of django-import-export, before its own class."""

    def export_field(self, *args: Any, **kwargs: Any) -> Any:
        value = super().export_field(*args, **kwargs)  # type: ignore[misc]
        return harmless(value) if isinstance(value, str) else value


class Exporting(ExportMixin):
    """Rows of a model's list as CSV or Excel. The table names what each row says."""

    export_formats = [CSV, XLSX]
    # With the mark by which Excel knows that accents are UTF-8.
    to_encoding = "utf-8-sig"
