"""Signs a request as Twilio does, by Twilio's own library: reads a JSON object of `token`, `url` and `fields` (pairs) from
standard input, prints the signature."""

import json
import sys

from twilio.request_validator import RequestValidator

call = json.load(sys.stdin)
fields = {}
for name, value in call["fields"]:
    fields.setdefault(name, []).append(value)
fields = {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
print(RequestValidator(call["token"]).compute_signature(call["url"], fields))
