"""The verdict's JSON Schema (draft 2020-12), for those who read verdicts with other programs."""

import json
from typing import Any

from emotriage.catalogue.kinds import KINDS
from emotriage.model.finding import Severity, Trait
from emotriage.model.limits import Limits
from emotriage.model.step import ACTIONS, DEEPEST
from emotriage.model.verdict import SCHEMA, Level

_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_HASH = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}


def schema_text() -> str:
    """The schema as indented JSON."""
    return json.dumps(schema(), indent=2, ensure_ascii=True)


def schema() -> dict[str, Any]:
    """The schema as plain values. Later versions add fields and never rename one, so unknown fields are allowed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "emotriage verdict",
        **_object(
            schema={"const": SCHEMA},
            engine=_TEXT,
            policy=_object(name=_TEXT, sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"}),
            limits=_object(**{name: {"type": "integer", "minimum": 1} for name in Limits().to_dict()}),
            plugins=_list(_TEXT),
            name=_TEXT,
            sha256=_HASH,
            size=_COUNT,
            level={"enum": [str(one) for one in Level]},
            score={"type": "integer", "minimum": 0, "maximum": 100},
            complete={"type": "boolean"},
            account=_list(_object(what=_TEXT, points={"type": "integer"}, findings=_list(_COUNT))),
            artifacts=_list(
                _object(
                    id=_COUNT,
                    parent={"type": ["integer", "null"], "minimum": 0},
                    name=_TEXT,
                    kind={"enum": sorted(KINDS)},
                    size=_COUNT,
                    sha256=_HASH,
                    core_sha256=_HASH,
                    padding=_list(
                        _object(offset=_COUNT, length=_COUNT, byte={"type": "integer", "minimum": 0, "maximum": 255})
                    ),
                    same_as={"type": ["integer", "null"], "minimum": 0},
                )
            ),
            findings=_list(
                _object(
                    rule={"type": "string", "pattern": "^[a-z][a-z0-9]*\\.[a-z0-9-]+$"},
                    title=_TEXT,
                    severity={"enum": [one.name.lower() for one in Severity]},
                    confidence={"type": "number", "minimum": 0, "maximum": 1},
                    artifact=_COUNT,
                    incomplete={"type": "boolean"},
                    traits=_list({"enum": [str(one) for one in Trait]}),
                    attack=_list(_TEXT),
                    evidence=_list(
                        _object(text=_TEXT, where=_TEXT, offset={"type": ["integer", "null"], "minimum": 0})
                    ),
                )
            ),
            indicators=_list(
                _object(
                    kind=_TEXT,
                    value=_TEXT,
                    artifact=_COUNT,
                    origin={"enum": ["literal", "decoded", "emulated"]},
                    where=_TEXT,
                )
            ),
            passwords=_list(_object(artifact=_COUNT, source=_TEXT) | {"description": "with `value` where asked for"}),
            steps=_list(
                _object(
                    action={"enum": sorted(ACTIONS)},
                    text=_TEXT,
                    artifact=_COUNT,
                    where=_TEXT,
                    by=_TEXT,
                    depth={"type": "integer", "minimum": 0, "maximum": DEEPEST},
                )
            ),
            gaps=_list(_COUNT),
        ),
    }


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401  schemas are plain values
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}
