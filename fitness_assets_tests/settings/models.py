"""All models of the package, and where they are looked for."""

from importlib import import_module
from pkgutil import iter_modules

import fitness_assets.settings
from fitness_assets.settings.environment import EnvironmentSettings


def modules() -> list[str]:
    package = fitness_assets.settings
    return [package.__name__, *(f"{package.__name__}.{module.name}" for module in iter_modules(package.__path__))]


def all_models() -> list[type[EnvironmentSettings]]:
    for module in modules():
        import_module(module)
    return EnvironmentSettings.__subclasses__()


def all_variables() -> set[str]:
    return {model.variable(field) for model in all_models() for field in model.model_fields} - {""}
