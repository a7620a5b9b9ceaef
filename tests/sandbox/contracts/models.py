"""A raw JSON reply against a generated model of HubSpot's own client, more strictly than the client itself.

The client drops keys that it does not know, passes over missing ones and converts what it can. Here every such
departure has a line of its own: an unknown key, a required one that is missing, another type, a value no enum has.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}

# Where HubSpot's pages and recorded replies depart from the specification that the models are made from; the
# specification loses. Without these every reply of the real API would be "wrong" too.
KNOWN = (
    # Every error body has it, and the specification does not know it.
    re.compile(r"Error\.status: unknown key"),
    # The documented 207 has neither, and "treat every field as optional" is said of errors.
    re.compile(r"StandardError\.(links|errors): missing"),
    # HubSpot's guide shows these ids as numbers.
    re.compile(r"\.(toObjectId|fromObjectId): int is no str"),
    # An association without a label of its own has null.
    re.compile(r"AssociationSpecWithLabel\.label: null"),
    # Newer than the client: HubSpot's changelog of August 2025 and its present descriptions have them.
    re.compile(r"TokenResponseIF\.(hub_id|scopes|user_id|token_use): unknown key"),
    re.compile(r"AccessTokenInfoResponse\.is_private_distribution: unknown key"),
    re.compile(r"RecordListMembership\.isPublicList: unknown key"),
)
# Where the specification has several models to choose from and the client kept the last: what tells them apart, and how
# the right one is called.
_ONE_OF = {
    "DependentFieldDependentField": ("fieldType", "{}Field"),
    "HubSpotFormDefinitionAllOfLegalConsentOptions": ("type", "LegalConsentOptions{}"),
}


def departures(body: Any, package: str, model: str) -> list[str]:
    """Where `body` is not what `hubspot.<package>.models.<model>` describes, as `Model.key: what` lines."""
    models = importlib.import_module(f"hubspot.{package}.models")
    found = list(dict.fromkeys(_compare(body, model, models, "body")))
    return [line for line in found if not any(known.search(line) for known in KNOWN)]


def _compare(value: Any, expected: str, models: ModuleType, where: str) -> list[str]:
    if value is None or expected == "object":
        return []
    if expected.startswith("list["):
        if not isinstance(value, list):
            return [f"{where}: {type(value).__name__} is no list"]
        return [line for item in value for line in _compare(item, expected[5:-1], models, where)]
    if expected.startswith("dict["):
        inner = expected[5:-1].split(", ", 1)[1]
        if not isinstance(value, dict):
            return [f"{where}: {type(value).__name__} is no object"]
        return [line for key, item in value.items() for line in _compare(item, inner, models, f"{where}[{key}]")]
    if expected == "datetime":
        is_moment = isinstance(value, str) and _MOMENT.match(value)
        return [] if is_moment else [f"{where}: {value!r} is no moment"]
    if expected in _PLAIN:
        right = isinstance(value, _PLAIN[expected]) and (expected == "bool" or not isinstance(value, bool))
        return [] if right else [f"{where}: {type(value).__name__} is no {expected}"]
    if expected in _ONE_OF and isinstance(value, dict):
        key, name = _ONE_OF[expected]
        expected = name.format("".join(map(str.capitalize, str(value.get(key)).split("_"))))
    return _compare_object(value, getattr(models, expected), models)


def _compare_object(value: Any, model: Any, models: ModuleType) -> list[str]:
    if not isinstance(value, dict):
        return [f"{model.__name__}: {type(value).__name__} is no object"]
    keys = {key: attribute for attribute, key in model.attribute_map.items()}
    lines = [f"{model.__name__}.{key}: unknown key" for key in value if key not in keys]
    blank = _blank(model)
    for key, attribute in keys.items():
        try:
            setattr(blank, attribute, value.get(key))
        except ValueError as refused:  # the model's own check: required, or not one of the allowed values
            if key not in value and "must not be `None`" not in str(refused):
                continue  # an optional one with an enum: the client's check forgets that it may be missing
            state = ("null" if key in value else "missing") if value.get(key) is None else str(refused)
            lines.append(f"{model.__name__}.{key}: {state}")
        if key in value:
            lines += _compare(value[key], model.openapi_types[attribute], models, f"{model.__name__}.{key}")
    return lines


def _blank(model: Any) -> Any:
    """An empty instance whose setters check what they are given."""
    configuration = importlib.import_module(model.__module__).Configuration()
    configuration.client_side_validation = False
    blank = model(local_vars_configuration=configuration)
    configuration.client_side_validation = True
    return blank
