"""An object store on loopback: moto's S3, in a thread of the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of a store that is empty at first."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a folder in a new bucket; this process, and those that it starts, reach it as they would S3."""
    from s3fs import S3FileSystem

    for name, value in (("ENDPOINT_URL_S3", object_store), ("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"bucket-{next(_NUMBERS)}"
    S3FileSystem().mkdir(name)
    yield f"s3://{name}/news"
    S3FileSystem.clear_instance_cache()
