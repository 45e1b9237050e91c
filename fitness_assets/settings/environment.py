"""The one door to the process's environment: what is read from it, and what is set in it for others to read."""

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from fitness_assets.errors import SettingError
from fitness_assets.settings.fields import MustBe, NeededBy
from fitness_assets.settings.secrets import Secret, is_kept

_Model = TypeVar("_Model", bound="EnvironmentSettings")


class EnvironmentSettings(BaseSettings):
    """The settings of one subject: each field names its variable, says what it is and has a type.

    A plain call takes what it is given and reads nothing; `from_env` of each model reads the environment.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        case_sensitive=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def _read(cls: type[_Model], **given: Any) -> _Model:
        """The settings of this process; a variable that is blank counts as not set.

        Args:
            given: fields that do not come from the environment; None leaves a field to its default.

        Raises:
            SettingError: a variable is missing or cannot be understood; the message names it.
        """
        given = {field: value for field, value in given.items() if value is not None}
        # The source also reads what is named as a field is; only the variable that the field names counts.
        variables = {cls.variable(field) for field in cls.model_fields if field not in given}
        texts = {name: text.strip() for name, text in EnvSettingsSource(cls)().items() if name in variables}
        try:
            return cls(**{name: text for name, text in texts.items() if text}, **given)
        except ValidationError as error:
            raise _setting_error(cls, error) from None

    @classmethod
    def variable(cls, field: str) -> str:
        """The variable that a field is read from; empty where it is not read from one of its own."""
        name = cls.model_fields[field].validation_alias
        return name if isinstance(name, str) else ""


def variables_with_prefix(prefix: str) -> dict[str, str]:
    """The variables whose names begin so."""
    return {name: text for name, text in os.environ.items() if name.startswith(prefix)}


def is_set(variable: str) -> bool:
    """Whether a variable has a value; one that is blank has none."""
    return bool(os.environ.get(variable, "").strip())


def current_environment() -> Mapping[str, str]:
    """The variables as they are, for what has no model: other programs' own, and secrets by their names."""
    return os.environ


def child_environment(changes: Mapping[str, str | None], secrets: Collection[Secret]) -> dict[str, str]:
    """The environment of a child process: ours with these changes.

    Args:
        changes: variables that are set whatever they are, or left out where they are None.
        secrets: those of our own that it needs, and is given; no others.
    """
    inherited = {name: text for name, text in os.environ.items() if is_kept(name, secrets)}
    return {name: text for name, text in {**inherited, **changes}.items() if text is not None}


def set_variables(variables: Mapping[str, str]) -> None:
    """Set variables of this process, for a JVM, a client library or our own models to read."""
    os.environ.update(variables)


def unset_variables(names: Iterable[str]) -> None:
    """Take variables of this process away, for a JVM or a client library not to read."""
    for name in names:
        os.environ.pop(name, None)


def _setting_error(model: type[EnvironmentSettings], error: ValidationError) -> SettingError:
    """The first thing that is wrong, as one sentence. What a validator raises is the sentence after the variable."""
    problem = next(detail for detail in error.errors() if detail["type"] != "default_factory_not_called")
    place = problem["loc"][0]
    name = next(name for name in model.model_fields if place in (name, model.variable(name)))
    variable, field = model.variable(name) or name, model.model_fields[name]
    if problem["type"] == "missing":
        needed = "".join(f"; {marker.what} needs it" for marker in field.metadata if isinstance(marker, NeededBy))
        return SettingError(f"{variable} is not set{needed}: {field.description}.")
    if problem["type"] == "value_error":
        return SettingError(f"{variable} {problem['ctx']['error']}.")
    must_be = next((f"it must be {marker.words}" for marker in field.metadata if isinstance(marker, MustBe)), "")
    return SettingError(f"{variable} is {problem['input']!r}; {must_be or problem['msg']}.")
