"""What the server answers, and to whom."""

import pytest
from flask.testing import FlaskClient

from fitness_assets.dashboard.app import make_app
from fitness_assets.dashboard.server import make_server
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder


@pytest.fixture(scope="module")
def client(sample: TableBuilder) -> FlaskClient:
    return make_app(sample.settings, lambda: NOW).server.test_client()


def test_only_loopback_hosts_are_answered_and_nothing_may_load_from_elsewhere(client: FlaskClient) -> None:
    for host, status in (("127.0.0.1:8050", 200), ("localhost", 200), ("[::1]:8050", 200), ("evil.example", 403)):
        assert client.get("/", headers={"Host": host}).status_code == status, host
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-eval" not in policy and "http" not in policy
    assert "https://" not in client.get("/").get_data(as_text=True)


def test_it_listens_on_loopback_alone(sample: TableBuilder) -> None:
    server = make_server(make_app(sample.settings), 0)
    assert server.socket.getsockname()[0] == "127.0.0.1"
    server.close()
