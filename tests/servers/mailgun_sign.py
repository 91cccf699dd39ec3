"""Signs a request as Mailgun's documentation says, by Python's own hmac: reads a JSON object of `key`, `timestamp` and
`token` from standard input, prints the signature."""

import hashlib
import hmac
import json
import sys

call = json.load(sys.stdin)
signed = (call["timestamp"] + call["token"]).encode()
print(hmac.new(call["key"].encode(), signed, hashlib.sha256).hexdigest())
