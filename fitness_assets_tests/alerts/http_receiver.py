"""A real web server that takes what alerts send."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class HttpReceiver:
    """Takes messages by POST, and answers as it is told to.

    Attributes:
        messages: the bodies that came.
        status: what it answers; None for no answer at all.
    """

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.status: int | None = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status is None:
                    time.sleep(60)
                    return
                receiver.messages.append(json.loads(body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/secret-path"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def news(self) -> list[tuple[str, str]]:
        """What the plain messages said so far: the news and whom they were of."""
        told = [one for message in self.messages for one in message["notifications"]]
        return [(one["news"], f"{one['rule']}:{one['subject']}") for one in told]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    try:
        yield receiver
    finally:
        receiver.close()
