"""What Dagster's web server answers: requests of its own pages and of programs of its user, and no others.

Dagster itself answers whoever asks, and does what a link says: `GET /graphql?query=mutation…` launches a run, as does
a form of another page that is sent to it.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fitness_assets.loopback import is_loopback_host, is_own_user

_POLICY_VIOLATION = 1008
_JSON = "application/json"
_ELSEWHERE = ("cross-site", "same-site")


class RequestGuard:
    """Middleware that refuses requests from other hosts, other web pages and other users with 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        reason = refusal(scope)
        if not reason:
            await self._app(scope, receive, _send_own_frames_only(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
        else:
            await PlainTextResponse(f"{reason}\n", status_code=403)(scope, receive, send)


def refusal(scope: Scope) -> str:
    """Why a request is not answered; empty where it is."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback_host(host):
        return "This server answers on loopback only."
    if not is_own_user(scope["client"][1], scope["server"][1]):
        return "This server answers only to the user who started it."
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return "This server answers only to its own pages."
    return "" if scope["type"] == "websocket" else _http_refusal(scope, headers)


def _http_refusal(scope: Scope, headers: Headers) -> str:
    # Browsers say so of each request that a page of another site or port makes; a link that is followed is no harm.
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    if headers.get("sec-fetch-site") in _ELSEWHERE and not is_link:
        return "This server answers only to its own pages."
    # Who wants a page is given the editor of queries; whatever else is got would be done.
    if scope["method"] == "GET" and scope["path"] == "/graphql" and "text/html" not in headers.get("accept", ""):
        return "A query is to be sent by POST: a link must not be able to do anything."
    # Other types need no leave of the server to be sent by a page of another site.
    if scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        return f"What is sent is to be {_JSON}."
    return ""


def _send_own_frames_only(send: Send) -> Send:
    """Whoever could show our pages within theirs could have them clicked."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
        await send(message)

    return send_with_headers
