"""Signs a request as Twilio does, by Twilio's own library: reads a JSON object of `token`, `url` and `fields` (pairs) from
standard input, prints the signature. With `sha256` the same text is signed with HMAC-SHA256, as under a shared key."""

import base64
import hashlib
import hmac
import json
import sys

from twilio.request_validator import RequestValidator

call = json.load(sys.stdin)
fields = {}
for name, value in call["fields"]:
    fields.setdefault(name, []).append(value)
if call.get("sha256"):
    text = call["url"] + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    mac = hmac.new(call["token"].encode(), text.encode(), hashlib.sha256)
    print(base64.b64encode(mac.digest()).decode())
else:
    fields = {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
    print(RequestValidator(call["token"]).compute_signature(call["url"], fields))
