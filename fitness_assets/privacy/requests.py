"""Erasures that were asked for and not done yet. A run's parameters and logs stay; so the id of the person does not
stand in them, but in an object of the checkpoint zone that goes with the erasure."""

import json
import secrets
from collections.abc import Iterator

from fitness_assets.errors import ErasureError
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.erasures import REQUESTS
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.privacy.erasing import ErasureReport, Tell, erase
from fitness_assets.privacy.person import find_person
from fitness_assets.settings import Settings


def request_erasure(settings: Settings, user: str | None, device: str | None, mac: str | None) -> str:
    """Ask for an erasure by the next run of the job `erase_people`; the request's own id."""
    storage, request_id = ProgressStore.from_settings(settings).storage, secrets.token_hex(8)
    content = json.dumps({"user": user, "device": device, "mac": mac}).encode()
    storage.put(f"{REQUESTS}/{request_id}.json", content)
    return request_id


def erase_requested(lake: Lakehouse, tell: Tell = lambda line: None) -> Iterator[ErasureReport]:
    """Do every erasure that was asked for. One that fails stays asked for, and does not keep others from theirs.

    Raises:
        ErasureError: some failed; after all others.
    """
    storage, failed = ProgressStore.from_settings(lake.settings).storage, list[str]()
    for info in storage.list_objects(REQUESTS):
        who = json.loads(storage.get(info.name) or b"{}")
        try:
            report = erase(lake, find_person(lake, **who), tell=tell)
        except ErasureError as error:
            failed.append(f"{info.name.rpartition('/')[2]}: {error}")
            continue
        storage.delete(info.name)
        yield report
    if failed:
        raise ErasureError("; ".join(failed))
