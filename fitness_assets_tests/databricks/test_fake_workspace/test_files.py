"""Files and directories of volumes, and of DBFS, through the SDK."""

import io

import pytest
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, ResourceAlreadyExists
from databricks.sdk.service.files import FilesAPI

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient


@pytest.fixture
def workspace(tmp_path):
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        yield workspace


@pytest.fixture
def files(client: SdkClient) -> FilesAPI:
    return client.api.files


def test_a_file_comes_back_as_it_was_sent(client: SdkClient, files: FilesAPI) -> None:
    path = f"{client.volume}/a/b c/ü#%.bin"
    files.upload(path, io.BytesIO(b"\x00\xff" * 1000))
    download = files.download(path)
    assert download.contents and download.contents.read() == b"\x00\xff" * 1000
    assert files.get_metadata(path).content_length == 2000
    assert client.workspace.local_path(path).read_bytes() == b"\x00\xff" * 1000
    files.upload(path, io.BytesIO(b""), overwrite=True)
    with pytest.raises(AlreadyExists):
        files.upload(path, io.BytesIO(b"x"), overwrite=False)
    assert client.workspace.local_path(path).read_bytes() == b""
    files.delete(path)
    with pytest.raises(NotFound, match="The file being accessed is not found"):
        files.download(path)
    with pytest.raises(NotFound):
        files.get_metadata(path)
    with pytest.raises(NotFound):
        files.delete(path)


def test_a_directory_is_listed_in_pages_and_deleted_when_it_is_empty(client: SdkClient, files: FilesAPI) -> None:
    folder = f"{client.volume}/many"
    files.create_directory(folder)
    files.create_directory(folder)
    client.workspace.max_directory_page = 3
    for number in range(10):
        files.upload(f"{folder}/{number}", io.BytesIO(b"four"))
    files.create_directory(f"{folder}/sub/deeper")
    entries = list(files.list_directory_contents(folder))
    assert [entry.name for entry in entries] == [*map(str, range(10)), "sub"]
    assert entries[0].file_size == 4 and entries[0].path == f"{folder}/0" and entries[0].last_modified
    assert entries[-1].is_directory and entries[-1].file_size is None
    assert len(client.workspace.requests_of("GET", "/many")) == 4
    with pytest.raises(BadRequest) as error:
        files.delete_directory(folder)
    assert error.value.get_error_info()[0].reason == "FILES_API_DIRECTORY_IS_NOT_EMPTY"
    files.delete_directory(f"{folder}/sub/deeper")
    with pytest.raises(NotFound):
        files.get_directory_metadata(f"{folder}/sub/deeper")
    with pytest.raises(NotFound, match="The directory being accessed is not found"):
        list(files.list_directory_contents(f"{folder}/none"))
    with pytest.raises(AlreadyExists):
        files.create_directory(f"{folder}/0")


def test_only_what_lies_in_a_volume_is_reached(client: SdkClient, files: FilesAPI) -> None:
    with pytest.raises(NotFound, match=r"Volume .no\.such\.volume. does not exist"):
        files.upload("/Volumes/no/such/volume/x", io.BytesIO(b"x"))
    for path in ("/tmp/x", "/Volumes/fitness/ops", f"{client.volume}/../../../../x"):
        with pytest.raises(InvalidParameterValue, match="Invalid path"):
            files.upload(path, io.BytesIO(b"x"))


def test_dbfs_serves_what_the_stock_pipes_client_asks(client: SdkClient) -> None:
    from dagster_databricks.pipes import PipesDbfsContextInjector, PipesDbfsMessageReader, dbfs_tempdir

    dbfs = client.api.dbfs
    with dbfs_tempdir(dbfs) as folder:
        reader = PipesDbfsMessageReader(client=client.api)
        assert reader.messages_are_readable({"path": folder})
        assert reader.download_messages_chunk(1, {"path": folder}) is None
        (client.workspace.dbfs / folder.lstrip("/") / "1.json").write_text("{}")
        assert reader.download_messages_chunk(1, {"path": folder}) == "{}"
        assert [entry.path for entry in dbfs.list(folder)] == [f"{folder}/1.json"]
        with pytest.raises(ResourceAlreadyExists):
            dbfs.put(f"{folder}/1.json", contents="")
    assert not reader.messages_are_readable({"path": folder})
    with PipesDbfsContextInjector(client=client.api).inject_context({"extras": {}}) as params:
        assert (client.workspace.dbfs / params["path"].lstrip("/")).read_text() == '{"extras": {}}'


def test_volumes_serve_what_the_serverless_pipes_client_asks(client: SdkClient) -> None:
    from dagster_databricks.pipes import PipesUnityCatalogVolumesContextInjector, PipesUnityCatalogVolumesMessageReader

    reader = PipesUnityCatalogVolumesMessageReader(client=client.api, volume_path=client.volume)
    with reader.get_params() as params:
        assert reader.download_messages_chunk(1, params) is None
        client.workspace.local_path(f"{params['path']}/1.json").write_text("{}")
        assert reader.download_messages_chunk(1, params) == "{}"
    assert not client.workspace.local_path(params["path"]).exists()
    injector = PipesUnityCatalogVolumesContextInjector(client=client.api, volume_path=client.volume)
    with injector.inject_context({"extras": {}}) as params:
        assert client.workspace.local_path(params["path"]).read_text() == '{"extras": {}}'
