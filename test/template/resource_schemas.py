"""Holds each resource of a compiled template against AWS's resource schemas, which cfn-lint carries.

Says which properties CloudFormation would drop (unknown, read-only or deprecated ones), and which defaults it would
apply to properties that the template leaves out. The defaults must be those of a list, so that none is applied unseen.

Usage: resource_schemas.py TEMPLATE ACCEPTED_DEFAULTS [--write]
Exit code 0: nothing is dropped, and the defaults are those of the list. 1: otherwise.
"""

import json
import sys

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"
INTRINSICS = ("Ref", "Condition")


def is_intrinsic(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", *INTRINSICS))


def branches(value):
    """A value in each of its forms: Fn::If has two."""
    if isinstance(value, dict) and list(value) == ["Fn::If"]:
        return [form for branch in value["Fn::If"][1:] for form in branches(branch)]
    return [] if is_intrinsic(value) else [value]


class Walk:
    def __init__(self, resource_type, schema):
        self.type, self.schema = resource_type, schema
        self.read_only = set(schema.get("readOnlyProperties", []))
        self.deprecated = set(schema.get("deprecatedProperties", []))
        self.dropped, self.defaults = set(), set()

    def resolve(self, schema):
        while isinstance(schema, dict) and "$ref" in schema:
            node = self.schema
            for part in schema["$ref"].lstrip("#/").split("/"):
                node = node[part]
            schema = node
        return schema if isinstance(schema, dict) else {}

    def walk(self, value, schema, path):
        schema = self.resolve(schema)
        for form in branches(value):
            if isinstance(form, list):
                for item in form:
                    self.walk(item, schema.get("items", {}), f"{path}/*")
            elif isinstance(form, dict):
                self.walk_object(form, schema, path)

    def walk_object(self, value, schema, path):
        properties = dict(schema.get("properties", {}))
        for kind in ("oneOf", "anyOf", "allOf"):
            for option in schema.get(kind, []):
                properties = {**self.resolve(option).get("properties", {}), **properties}
        is_closed = bool(properties) and schema.get("additionalProperties") is False
        for name, inner in value.items():
            at = f"{path}/{name}"
            if name not in properties:
                if is_closed and not schema.get("patternProperties"):
                    self.dropped.add((at, "unknown"))
                continue
            if at in self.read_only:
                self.dropped.add((at, "read-only"))
            if at in self.deprecated:
                self.dropped.add((at, "deprecated"))
            self.walk(inner, properties[name], at)
        for name, definition in properties.items():
            definition = self.resolve(definition)
            if name not in value and "default" in definition:
                default = json.dumps(definition["default"], sort_keys=True)
                self.defaults.add(f"{self.type}{path.removeprefix('/properties')}/{name} = {default}")


def main(template_file, accepted_file, write=False):
    with open(template_file, encoding="utf8") as file:
        resources = json.load(file)["Resources"]
    dropped, defaults = [], set()
    for logical_id, resource in resources.items():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource["Type"]).schema
        walk = Walk(resource["Type"], schema)
        walk.walk(resource.get("Properties", {}), schema, "/properties")
        dropped += [f"{logical_id} ({walk.type}) {path}: {why}" for path, why in sorted(walk.dropped)]
        defaults |= walk.defaults
    if write:
        with open(accepted_file, "w", encoding="utf8") as file:
            file.write("".join(f"{line}\n" for line in sorted(defaults)))
    with open(accepted_file, encoding="utf8") as file:
        accepted = set(file.read().splitlines())
    for line in dropped:
        print(f"CloudFormation would drop: {line}")
    for line in sorted(defaults - accepted):
        print(f"A default that is not in {accepted_file}: {line}")
    for line in sorted(accepted - defaults):
        print(f"No longer applied, but in {accepted_file}: {line}")
    if dropped or defaults != accepted:
        return 1
    print(f"resource schemas: {len(resources)} resources, nothing dropped, {len(defaults)} defaults as listed")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3], write="--write" in sys.argv))
