"""What a card shows, as a file: `/download/<page>/<name>.csv` or `.parquet`, with the same filters."""

import io
import logging
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from flask import Flask, Response, abort, request

from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.pages.registry import get_page
from fitness_assets.errors import FitnessError

_LOG = logging.getLogger(__name__)
_FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet would take for a formula, and do what it says."""
_MIME_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def add_download_route(server: Flask, make_context: Callable[[PageUrl], PageContext]) -> None:
    """Answer the links of the cards."""

    @server.get("/download/<path:page>/<name>.<extension>")
    def download(page: str, name: str, extension: str) -> Response:
        url = PageUrl.parse("/" if page == "now" else page, request.query_string.decode())
        downloads = get_page(url).downloads
        if name not in downloads or extension not in _MIME_TYPES:
            abort(404, "There is no such download.")
        try:
            rows = downloads[name](make_context(url))
        except FitnessError as error:
            abort(409, str(error))
        except Exception:  # whatever it is, the log has it and the answer says so
            _LOG.exception("The download %s of %s could not be made", name, url)
            abort(503, "The rows could not be read just now. Try again; the dashboard's log has the cause.")
        filename = f"{page.strip('/').replace('/', '-')}-{name}.{extension}"
        headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
        return Response(serialize(rows, extension), mimetype=_MIME_TYPES[extension], headers=headers)


def serialize(rows: pa.Table, extension: str) -> bytes:
    """The rows as the bytes of a CSV or Parquet file."""
    buffer = io.BytesIO()
    if extension == "csv":
        csv.write_csv(_without_formulas(rows), buffer)
    else:
        parquet.write_table(rows, buffer, compression="zstd")
    return buffer.getvalue()


def _without_formulas(rows: pa.Table) -> pa.Table:
    """The rows with an apostrophe before each text that a spreadsheet would take for a formula."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            texts = rows.column(position)
            is_formula = pc.fill_null(pc.match_substring_regex(texts, _FORMULA), False)
            quoted = pc.binary_join_element_wise(pa.scalar("'", field.type), texts, pa.scalar("", field.type))
            rows = rows.set_column(position, field, pc.if_else(is_formula, quoted, texts))
    return rows
