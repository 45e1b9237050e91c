"""What the server refuses: other names than its own, and pages that would load anything from elsewhere."""

from flask import Flask, Response, abort, request

_OURS = {"127.0.0.1", "localhost", "[::1]"}


def guard(server: Flask, script_hashes: list[str]) -> None:
    """Answer only to loopback's names, and let the browser load nothing from another place.

    A page elsewhere can point its own name at 127.0.0.1 and then read what a server on this machine answers; only
    the name that it asks for gives it away.
    """
    policy = (
        f"default-src 'self'; script-src 'self' {' '.join(script_hashes)}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; form-action 'none'; "
        "base-uri 'self'; object-src 'none'"
    )

    @server.before_request
    def only_our_names() -> None:
        name = request.host.rpartition(":")[0] if not request.host.endswith("]") else request.host
        if (name or request.host) not in _OURS:
            abort(403, "This server answers on loopback only.")

    @server.after_request
    def say_what_may_load(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response
