"""Holds requests against a provider's own OpenAPI document: reads a JSON object of `document` (a path) and `requests` (objects of
`method`, `path`, `query` and `form`, both pairs, and `type`) from standard input, prints a JSON list of what is wrong. The
check of the schemas is jsonschema-rs's."""

import json
import re
import sys

from jsonschema_rs import Draft202012Validator

call = json.load(sys.stdin)
with open(call["document"], encoding="utf-8") as file:
    document = json.load(file)
problems = []


def found(node):
    """What a reference leads to."""
    while "$ref" in node:
        path = node["$ref"].removeprefix("#/").split("/")
        node = document
        for part in path:
            node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def check(where, schema, value):
    whole = {**schema, "components": document.get("components", {})}
    for error in Draft202012Validator(whole).iter_errors(value):
        problems.append(f"{where}: {error.message}")


def typed(schema, text):
    """Everything in an address is text; a number is one by its schema."""
    if found(schema).get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def operation(request):
    for template, item in document["paths"].items():
        names = re.findall(r"\{([^}]+)\}", template)
        pattern = re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(template))
        match = re.fullmatch(pattern, request["path"])
        if match and request["method"].lower() in item:
            whole = item[request["method"].lower()]
            parameters = [found(one) for one in item.get("parameters", []) + whole.get("parameters", [])]
            return whole, parameters, dict(zip(names, match.groups()))
    return None, [], {}


for request in call["requests"]:
    where = f"{request['method']} {request['path']}"
    whole, parameters, in_path = operation(request)
    if whole is None:
        problems.append(f"{where}: there is no such operation")
        continue
    in_query = dict(request["query"])
    known = {(one["in"], one["name"]): one for one in parameters}
    for name, value in in_path.items():
        one = known.get(("path", name))
        if one:
            check(f"{where} {name}", one["schema"], value)
    for name, value in in_query.items():
        one = known.get(("query", name))
        if one is None:
            problems.append(f"{where}: no parameter {name}")
        else:
            check(f"{where} {name}", one["schema"], typed(one["schema"], value))
    for one in parameters:
        if one["in"] == "query" and one.get("required") and one["name"] not in in_query:
            problems.append(f"{where}: the parameter {one['name']} is missing")
    if "requestBody" not in whole:
        continue
    content = found(whole["requestBody"])["content"]
    kind = request["type"].split(";")[0]
    if kind not in content:
        problems.append(f"{where}: {kind} is not among {sorted(content)}")
        continue
    schema = found(content[kind]["schema"])
    form = dict(request["form"])
    check(where, schema, form)
    for name in form:
        # Variables and headers of a message have names of their own.
        if name not in schema.get("properties", {}) and not name.startswith(("v:", "h:")):
            problems.append(f"{where}: no field {name}")
print(json.dumps(problems))
