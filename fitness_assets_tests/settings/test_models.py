"""What every model of settings keeps to."""

import subprocess
import sys

import pytest

from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import ReadFrom
from fitness_assets_tests.settings.models import all_models, all_variables, modules

IMPORTS = """
import os, sys
from importlib import import_module

class Recorder(dict):
    read = set()
    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)
    def __contains__(self, name):
        self.read.add(name)
        return super().__contains__(name)
    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)
    def items(self):
        self.read.add("*")
        return super().items()

import pydantic_settings
os.environ = Recorder(os.environ)
for module in sys.argv[1:]:
    import_module(module)
print(*sorted(Recorder.read))
"""


@pytest.mark.parametrize("model", all_models())
def test_every_field_names_its_variable_and_says_what_it_is(model: type[EnvironmentSettings]) -> None:
    for name, field in model.model_fields.items():
        if (model, name) == (Settings, "kafka"):
            continue
        prefixes = [marker.variables for marker in field.metadata if isinstance(marker, ReadFrom)]
        assert model.variable(name) or prefixes, name
        assert field.description and not field.description.endswith("."), name


def test_importing_the_models_reads_no_variable() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS, *modules()], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"*", *all_variables()}


def test_a_plain_call_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in all_variables():
        monkeypatch.setenv(name, "not to be read")
    monkeypatch.setenv("FITNESS_KAFKA_SASL_PASSWORD", "not to be read")
    settings = Settings()
    assert (settings.environment, settings.catalog, settings.kafka, settings.as_of_override) == (
        "dev",
        None,
        None,
        None,
    )
    assert settings.base_dir.parts[-2:] == (".fitness", "dev")
    assert KafkaSettings(servers="a:1", group="b").client == {}


def test_only_the_variable_that_a_field_names_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("environment", "ENVIRONMENT", "FITNESS_environment", "fitness_env", "kafka", "FITNESS_kafka"):
        monkeypatch.setenv(name, "prod")
    assert Settings.from_env() == Settings()


def test_a_blank_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FITNESS_ENV", "FITNESS_BASE_DIR", "FITNESS_AS_OF", "FITNESS_CATALOG", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.setenv(name, "  ")
    assert Settings.from_env() == Settings()
