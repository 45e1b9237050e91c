"""What a card shows, as a file: `/download/<page>/<name>.csv` or `.parquet`, with the same things chosen."""

import io
import logging
from collections.abc import Callable

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from flask import Flask, Response, abort, request

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages import page_at
from fitness_assets.dashboard.pages.page import View
from fitness_assets.errors import FitnessError

_LOG = logging.getLogger(__name__)
_KINDS = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def add_downloads(server: Flask, view_of: Callable[[Address], View]) -> None:
    """Answer the links of the cards."""

    @server.get("/download/<path:page>/<name>.<kind>")
    def download(page: str, name: str, kind: str) -> Response:
        address = Address.of("/" if page == "now" else page, request.query_string.decode())
        files = page_at(address).files
        if name not in files or kind not in _KINDS:
            abort(404, "There is no such download.")
        try:
            rows = files[name](view_of(address))
        except FitnessError as error:
            abort(409, str(error))
        except Exception:  # whatever it is, the log has it and the person is told
            _LOG.exception("The download %s of %s could not be made", name, address)
            abort(503, "The rows could not be read just now. Try again; the dashboard's log has the cause.")
        filename = f"{page.strip('/').replace('/', '-')}-{name}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
        return Response(as_bytes(rows, kind), mimetype=_KINDS[kind], headers=headers)


def as_bytes(rows: pa.Table, kind: str) -> bytes:
    """The rows as the bytes of a file."""
    out = io.BytesIO()
    if kind == "csv":
        csv.write_csv(rows, out)
    else:
        parquet.write_table(rows, out, compression="zstd")
    return out.getvalue()
