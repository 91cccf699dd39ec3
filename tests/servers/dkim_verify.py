"""Verifies a signed message by dkimpy: reads a JSON object of `message` (base64) and `records` (name to text) from standard
input, prints `ok`, or what is wrong."""

import base64
import json
import sys

import dkim

call = json.load(sys.stdin)
records = {name.rstrip("."): text for name, text in call["records"].items()}


def lookup(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return records.get(name.rstrip("."), "").encode()


try:
    verifier = dkim.DKIM(base64.b64decode(call["message"]), minkey=2048)
    print("ok" if verifier.verify(dnsfunc=lookup) else "the signature does not verify")
except dkim.DKIMException as error:
    print(f"{type(error).__name__}: {error}")
