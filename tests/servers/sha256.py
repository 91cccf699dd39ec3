"""Hashes a text: reads a JSON object of `text` from standard input, prints its SHA-256 in hexadecimal."""

import hashlib
import json
import sys

print(hashlib.sha256(json.load(sys.stdin)["text"].encode()).hexdigest())
