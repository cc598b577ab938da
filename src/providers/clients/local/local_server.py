"""The child process that runs the embedded model: llama.cpp's HTTP server on a free loopback port.

Started by LocalClient as a script, so that it runs from any folder and imports nothing of ours. Its first line
of input is a JSON object (model, name, threads, slots, context, key); it answers with one line, {"url": ...}, and
ends when its input closes, which also happens when the parent is killed. A native crash ends this process only.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent
    wanted = json.loads(sys.stdin.readline())
    watcher = threading.Thread(target=_end_with_input, daemon=True)
    watcher.start()
    try:
        server = _start(wanted)
    except (ImportError, RuntimeError) as error:
        sys.exit(f"{wanted['model']}: {error}")
    sys.stdout.write(json.dumps({"url": server.listening_address}) + "\n")
    sys.stdout.flush()
    watcher.join()


def _end_with_input() -> None:
    while os.read(0, 4096):  # not sys.stdin: a thread that waits in its buffer keeps Python from ending
        pass
    os._exit(0)  # at once: a model that is being loaded or is answering is of no use to anyone now


def _start(wanted: dict[str, Any]) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = wanted["model"]
    parameters.model_alias = wanted["name"]
    parameters.n_parallel = wanted["slots"]
    parameters.n_ctx = wanted["context"] * wanted["slots"]
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = wanted["threads"]
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.api_keys = [wanted["key"]]
    parameters.warmup, parameters.ui, parameters.offline, parameters.verbosity = False, False, True, 1
    return xllamacpp.Server(parameters)


if __name__ == "__main__":
    main()
