"""What the server refuses: other hosts than its own, and pages that would load anything from elsewhere."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, request
from werkzeug.exceptions import Forbidden

from fitness_assets.loopback import is_loopback_host, is_own_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def allow_own_user_only(server: Flask, but: Collection[str]) -> None:
    """Answer only to loopback's names, and to the user whose dashboard it is.

    Args:
        but: paths that every user of the machine may ask for: what they answer tells of nobody.
    """

    @server.before_request
    def check_host() -> None:
        if not is_loopback_host(request.host):
            abort(403, "This server answers on loopback only.")

    application = server.wsgi_app

    def answer(variables: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        # Without a port it is asked within this process.
        port = variables.get("REMOTE_PORT")
        is_open = variables.get("PATH_INFO") in but
        if port and not is_open and not is_own_user(int(port), int(variables["SERVER_PORT"])):
            return Forbidden("This server answers only to the user who started it.")(variables, start_response)
        return application(variables, start_response)

    server.wsgi_app = answer  # type: ignore[assignment,method-assign]  # where Flask wants what comes before it


def add_security_headers(server: Flask, script_hashes: list[str]) -> None:
    """Let the browser load nothing from another place.

    Args:
        script_hashes: of the scripts that stand in the document itself.
    """
    policy = (
        f"default-src 'self'; script-src 'self' {' '.join(script_hashes)}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; form-action 'none'; "
        "base-uri 'self'; object-src 'none'"
    )

    @server.after_request
    def set_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response
