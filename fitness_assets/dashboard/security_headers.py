"""What the server refuses: other hosts than its own, and pages that would load anything from elsewhere."""

from flask import Flask, Response, abort, request

_LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}


def allow_loopback_hosts_only(server: Flask) -> None:
    """Answer only to loopback's names.

    A page elsewhere can point its own name at 127.0.0.1 and then read what a server on this machine answers; only
    the host that it asks for gives it away.
    """

    @server.before_request
    def check_host() -> None:
        host = request.host.rpartition(":")[0] if not request.host.endswith("]") else request.host
        if (host or request.host) not in _LOOPBACK_HOSTS:
            abort(403, "This server answers on loopback only.")


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
