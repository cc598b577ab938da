"""The verbs without the menu. Each gives its exit code and the object that --json prints."""

from __future__ import annotations

import argparse
import json
import sys

from src.cli.app import App
from src.cli.display import Screen
from src.cli.verbs import VERBS
from src.cli.verbs.result import FAILED, INTERRUPTED, WRONG_USAGE, Result
from src.errors import BuilderError, ConfigError, UsageError
from src.pipeline.interruption import interrupt_safely, was_interrupted


def run_verb(app: App, arguments: argparse.Namespace) -> int:
    """Carry out the chosen verb and give the exit code; errors are said in one message."""
    code, answer = carry_out(app, arguments)
    if arguments.json:
        print(json.dumps({"exit_code": code, **answer}, ensure_ascii=False), file=sys.stdout, flush=True)
    return code


def carry_out(app: App, arguments: argparse.Namespace) -> Result:
    """The verb's exit code and answer, whatever happens in it; the answer holds "error" where it failed."""
    interrupt_safely()
    app.carry_out = carry_out
    errors = Screen(sys.stderr, no_color=not app.screen.color)
    try:
        code, answer = VERBS[arguments.verb](app, arguments)
    except KeyboardInterrupt:
        code, answer = INTERRUPTED, {"error": "interrupted"}
        errors.warning("\nInterrupted.")
    except (ConfigError, UsageError) as error:
        code, answer = WRONG_USAGE, {"error": str(error)}
    except BuilderError as error:
        code, answer = FAILED, {"error": str(error)}
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the one door: a script gets a message and an exit code
        if was_interrupted(error):
            code, answer = INTERRUPTED, {"error": "interrupted"}
            errors.warning("\nInterrupted.")
        else:
            code, answer = FAILED, {"error": app.unexpected(error)}
    if code in (FAILED, WRONG_USAGE) and "error" in answer:
        errors.error(answer["error"])
    return code, answer
