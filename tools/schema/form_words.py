"""The words by which the forms of a tool's description are told apart."""

from __future__ import annotations

import re

from tools.types import Json

KEYS = frozenset(
    {
        "parameters",
        "params",
        "args",
        "arguments",
        "inputs",
        "input",
        "schema",
        "jsonschema",
        "inputschema",
        "inputjsonschema",
        "inputparameters",
        "inputargs",
        "argsschema",
        "argschema",
        "argumentschema",
        "argumentsschema",
        "argumentsjsonschema",
        "parameterschema",
        "parametersschema",
        "parametersjsonschema",
        "paramschema",
        "paramsschema",
        "requestschema",
        "requestparameters",
        "functionparameters",
        "toolparameters",
        "apiparameters",
        "kwargs",
        "fields",
    }
)
"""Keys that hold the arguments, in small letters and without anything between words."""
ABOUT = frozenset(
    {
        "annotations",
        "outputschema",
        "outputjsonschema",
        "returns",
        "return",
        "returntype",
        "returnschema",
        "response",
        "responses",
        "responseschema",
        "output",
        "outputs",
        "result",
        "results",
        "meta",
        "metadata",
        "examples",
        "example",
        "tags",
        "icons",
        "execution",
        "cachecontrol",
        "errors",
        "required",
        "optional",
    }
)
"""Keys with objects or lists that say nothing of the arguments."""
ENVELOPES = ("function", "toolSpec", "tool_spec", "functionDeclaration", "function_declaration")
INNER = ("json", "schema", "json_schema", "jsonSchema")
"""What Bedrock and others put between the key and the schema."""
SPLIT = ("required_parameters", "optional_parameters")
NOTHING: tuple[Json, ...] = (
    {"type": "object", "properties": {}},
    {"type": "object", "properties": {}, "required": []},
    {"type": "object"},
)
"""Schemas that a converter writes where it found nothing."""
OBJECT: tuple[Json, ...] = ("object", "OBJECT", "Object", "dict", ["object"])
STRUCTURE = frozenset(
    {"$ref", "patternProperties", "additionalProperties", "propertyNames", "dependentSchemas"}
) | {"dependentRequired", "dependencies", "minProperties", "maxProperties", "if", "not"}
"""Keywords that only a schema has at its top."""
TEXTS = ("type", "title", "description", "$schema", "$id", "$comment", "id")
ABOUT_SCHEMAS = frozenset(
    {"default", "example", "examples", "nullable", "deprecated", "format"}
) | {"readOnly", "writeOnly", "strict", "discriminator", "externalDocs", "xml", "const", "enum"}
NOT_LETTERS = re.compile(r"[^a-z]")
