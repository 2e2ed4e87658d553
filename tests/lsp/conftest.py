"""Fixtures: a server in a process of its own, and pages whose cursor is written as `‸`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from client import Client


@pytest.fixture
def server() -> Iterator[Client]:
    """A server that has not been spoken to."""
    client = Client()
    yield client
    client.close()


@pytest.fixture
def client(server: Client) -> Client:
    """A server after the opening."""
    server.initialize()
    return server
