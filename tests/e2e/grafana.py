"""A dashboard against Grafana's schema, as Grafana's own Foundation SDK has it: what it reads and writes again is what was there,
every value of the kind that the schema names. And what a schema cannot know: panels that cover each other, variables that are
used and not there."""
import enum
import json
import re
import types
import typing

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

COLUMNS = 24


def lost(before, after, path):
    """Every key of `before` that is missing or another in `after`."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [problem for key, value in before.items() for problem in
                (lost(value, after[key], f"{path}.{key}") if key in after else [f"{path}.{key}: the schema does not know it"])]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [problem for i, (a, b) in enumerate(zip(before, after)) for problem in lost(a, b, f"{path}[{i}]")]
    return [] if before == after else [f"{path}: {before!r} became {after!r}"]


def wrong_kinds(value, hint, path):
    """Where a value is not what the schema's class says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (typing.Any, object) or isinstance(hint, typing.TypeVar):
        return wrong_fields(value, path)
    if origin in (typing.Union, types.UnionType):
        all_wrong = [wrong_kinds(value, one, path) for one in arguments]
        return [] if any(not wrong for wrong in all_wrong) else min(all_wrong, key=len)
    if origin is typing.Literal:
        return [] if value in arguments else [f"{path}: {value!r} is none of {arguments}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [wrong for i, one in enumerate(value) for wrong in wrong_kinds(one, arguments[0], f"{path}[{i}]")]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        return [wrong for key, one in value.items() for wrong in wrong_kinds(one, arguments[1], f"{path}.{key}")]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return [] if value in [one.value for one in hint] else [f"{path}: {value!r} is no {hint.__name__}"]
    if hint is float:
        hint = (int, float)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        return [f"{path}: {value!r} is no {hint}"]
    return wrong_fields(value, path)


def wrong_fields(model, path):
    if not hasattr(model, "to_json"):
        return []
    return [wrong for name, hint in typing.get_type_hints(type(model)).items()
            for wrong in wrong_kinds(getattr(model, name), hint, f"{path}.{name}")]


def check_layout(dashboard):
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    taken = set()
    for panel in dashboard["panels"]:
        grid = panel["gridPos"]
        assert 0 <= grid["x"] and grid["x"] + grid["w"] <= COLUMNS, grid
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert not cells & taken, f"{panel['title']} covers another panel"
        taken |= cells
        for target in panel.get("targets", []):
            used = set(re.findall(r"\$\{?(\w+)", target["expr"] + target["datasource"]["uid"]))
            assert used <= variables | {"__rate_interval"}, (panel["title"], used)


def check(dashboard):
    plugins.register_default_plugins()
    model = Dashboard.from_json(dashboard)
    again = json.loads(JSONEncoder().encode(model))
    problems = lost(dashboard, again, "") + wrong_fields(model, "")
    assert not problems, f"{dashboard.get('title')}:\n" + "\n".join(problems)
    check_layout(dashboard)
