"""An SMTP server that misbehaves by address. The protocol is aiosmtpd's; this file only chooses its replies and writes
each message it takes as one line of JSON, on disk before the server says so.

    faults.py PORT MESSAGES.jsonl [MILLISECONDS FOR EACH MESSAGE, HALF OF THEM BEFORE IT IS TAKEN]

The local part of a recipient begins with the fault, up to its first dot; anything else is taken:

    perm550     550 5.1.1 to RCPT                      hang        no answer to RCPT
    temp421     421 to RCPT, and hangs up              throttle454 454 4.7.0 to RCPT
    temp451     451 4.7.1 to RCPT                      dropbefore  hangs up instead of answering RCPT
    dropdata    hangs up at the message's end, not taken
    dropafter   takes the message and hangs up         hangafter   takes the message and never answers

With "-once" behind it, the fault befalls an address the first time only.
"""

import asyncio
import hashlib
import json
import os
import sys
import time

from aiosmtpd.smtp import SMTP

PORT, MESSAGES = int(sys.argv[1]), sys.argv[2]
DELAY = int(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0

REPLIES = {
    "perm550": "550 5.1.1 No such user here",
    "temp421": "421 4.3.2 Service shutting down",
    "throttle454": "454 4.7.0 Slow down",
    "temp451": "451 4.7.1 Greylisted, come back later",
}
FOREVER = 3600
befallen = set()
ledger = os.open(MESSAGES, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def fault(address, at):
    """The fault that befalls this recipient at this stage, if any."""
    word = address.split("@")[0].split(".")[0]
    name = word.removesuffix("-once")
    stages = {"dropdata": "data", "dropafter": "data", "hangafter": "data"}
    if stages.get(name, "rcpt") != at:
        return None
    if name != word:
        if (address, at) in befallen:
            return None
        befallen.add((address, at))
    return name


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = fault(address, "rcpt")
        if name in REPLIES:
            if name == "temp421":
                await server.push(REPLIES[name])
                server.transport.close()
            return REPLIES[name]
        if name == "hang":
            await asyncio.sleep(FOREVER)
        if name == "dropbefore":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        name = fault(envelope.rcpt_tos[0], "data")
        if name == "dropdata":
            server.transport.abort()
            return "250 2.0.0 nobody hears this"
        if DELAY:
            await asyncio.sleep(DELAY / 2)
        content = envelope.original_content
        ids = [line for line in content.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        record = {
            "rcpt_to": envelope.rcpt_tos,
            "message_id": ids[0].split(b":", 1)[1].strip(b" <>").decode() if ids else "",
            "time": time.time(),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        os.write(ledger, (json.dumps(record) + "\n").encode())
        os.fsync(ledger)
        if name == "hangafter":
            await asyncio.sleep(FOREVER)
        if name == "dropafter":
            server.transport.abort()
        if DELAY:
            await asyncio.sleep(DELAY / 2)
        return "250 2.0.0 taken"


async def main():
    loop = asyncio.get_running_loop()
    # A client that goes away is the test's business.
    loop.set_exception_handler(lambda loop, context: None)
    make = lambda: SMTP(Handler(), hostname="faults.example", loop=loop)
    server = await loop.create_server(make, "127.0.0.1", PORT, backlog=128)
    print("listening", flush=True)
    await server.serve_forever()


asyncio.run(main())
