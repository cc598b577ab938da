"""Trace a sample: find it, then check every link from its export back to the call it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from src.pipeline.run_plan import Workspace
from src.pipeline.tracing.call_checks import call_step, find_answer, model_step, prompt_step
from src.pipeline.tracing.exported_rows import export_steps, lone_step
from src.pipeline.tracing.finding import Found, find_exported, find_stored
from src.pipeline.tracing.source_checks import chunk_step, find_source, place_step, span_step
from src.pipeline.tracing.steps import Step, Trace

_NO_PASSWORDS: Mapping[str, str] = MappingProxyType({})


def trace(
    sample_ref: str,
    workspace: Workspace,
    *,
    export: Path | None = None,
    dataset: str = "",
    passwords: Mapping[str, str] = _NO_PASSWORDS,
) -> Trace:
    """The chain of the sample whose id is or starts with `sample_ref`: split and line, document, place, span, chunk,
    prompt, model, call. Each link is checked against what is still here.

    The sample is looked for in the database (of `dataset`, or the newest that has it), or in the folder of an
    `export` alone. `passwords` open encrypted documents, by file name. Raises UsageError when there is no such
    sample, or several.
    """
    found = find_exported(sample_ref, export) if export else find_stored(sample_ref, workspace, dataset)
    return Trace(found.sample_id, found.where, tuple(_steps(found, workspace, passwords)))


def _steps(found: Found, workspace: Workspace, passwords: Mapping[str, str]) -> Iterator[Step]:
    origin, messages = found.origin, found.messages
    yield found.step
    if found.export is not None:
        yield lone_step(*found.export)
    elif messages is not None:
        yield from export_steps(workspace.output_dir / found.name, found.sample_id, messages)
    source = find_source(found, workspace, passwords)
    answer = find_answer(origin, workspace)
    yield source.step
    yield place_step(origin, source)
    yield span_step(found, answer.quote, source)
    yield chunk_step(origin, source)
    yield prompt_step(origin, found.instructions, workspace)
    yield model_step(origin, answer)
    yield call_step(origin, messages, answer)
