"""template: a text of each sample, made by the user's Jinja2 file, one file a split."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.custom.sandbox import compiled, rendered
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import TURN_FIELDS, plain_records, single_turn
from src.export.formats.split_files import SplitFiles, positions_by_split
from src.records import Issue, Split

_LARGEST_FILE = 1 << 20
_READ_BYTES = 1 << 20


class CustomTemplate:
    """The texts follow each other as the template makes them, each ended by a newline where it has none."""

    name = "template"
    summary = "your own Jinja2 template, checked against your own JSON schema"
    folder = "template"
    by_size = True

    def open(self, folder: Path, job: ExportJob) -> TemplateWriter:
        """Raises ExportError when the template or the schema is missing or wrong."""
        _maker(job)
        return TemplateWriter(folder, job)

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        return _texts(batch, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        path = folder / f"{split}.{job.output.template.extension}"
        try:
            if path.exists():
                with path.open("rb") as stream:
                    while piece := stream.read(_READ_BYTES):
                        yield piece
        except OSError as error:
            raise ExportError(f"{path}: cannot be read ({error.strerror}).") from error

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        return []


class TemplateWriter:
    """{split}.{extension} files."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self.job = job
        self._files = SplitFiles(folder, f".{job.output.template.extension}")

    def write(self, batch: Batch) -> None:
        texts = _texts(batch, self.job)
        for split, positions in positions_by_split(batch).items():
            self._files.write(split, b"".join([texts[position] for position in positions]))

    def close(self) -> list[Path]:
        return self._files.close()

    def abort(self) -> None:
        self._files.abort()


def _texts(batch: Batch, job: ExportJob) -> list[bytes]:
    """The text of each sample. Raises ExportError that names the sample and the template's line."""
    return batch.once(("template", job.output.template), lambda: _make_texts(batch, _maker(job), job))


def _make_texts(batch: Batch, make: Callable[[Mapping[str, Any]], str], job: ExportJob) -> list[bytes]:
    texts = []
    for record in plain_records(batch, job):
        try:
            text = make(_values_of(record))
            texts.append((text if text.endswith("\n") else f"{text}\n").encode())
        except (ExportError, UnicodeEncodeError) as error:
            raise ExportError(f"sample {record['id']} ({record['source_file']}): {error}") from error
    return texts


def _values_of(record: dict[str, Any]) -> dict[str, Any]:
    """What a template may name: the fields, and for one question with one answer system, user and assistant."""
    texts = single_turn(record["messages"])
    if texts:
        record.update(zip(TURN_FIELDS, texts, strict=True))
    return record


def _maker(job: ExportJob) -> Callable[[Mapping[str, Any]], str]:
    settings = job.output.template
    if not settings.file:
        raise ExportError("output.template.file is empty; name the Jinja2 file that the format 'template' is to use.")
    schema = _read(settings.schema_file) if settings.schema_file else ""
    return _maker_of(_read(settings.file), settings.file, schema, settings.schema_file)


@lru_cache(maxsize=8)
def _maker_of(source: str, name: str, schema: str, schema_name: str) -> Callable[[Mapping[str, Any]], str]:
    template = compiled(source, name)
    check = _checker(schema, schema_name) if schema else None

    def make(values: Mapping[str, Any]) -> str:
        text = rendered(template, values, name)
        if check is not None:
            check(text)
        return text

    return make


def _read(file: str) -> str:
    path = Path(file).expanduser()
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ExportError(f"{path}: has more than {_LARGEST_FILE:,} bytes; is it the right file?")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path}: cannot be read ({error.strerror}); see output.template in config.yaml.") from error
    except UnicodeDecodeError as error:
        raise ExportError(f"{path}: is not UTF-8; save it as UTF-8.") from error


def _checker(schema_text: str, name: str) -> Callable[[str], None]:
    """Raises ExportError for a text that does not fit the schema, and at once for a schema that is none."""
    from jsonschema.exceptions import SchemaError, best_match
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        schema = json.loads(schema_text)
        kind = validator_for(schema)
        kind.check_schema(schema)
    except (ValueError, SchemaError, RecursionError) as error:
        raise ExportError(f"{name}: is not a JSON schema ({str(error).splitlines()[0]}).") from error
    # An empty registry: what a schema refers to is not fetched from the network.
    validator = kind(schema, registry=Registry())

    def check(text: str) -> None:
        try:
            found = best_match(validator.iter_errors(json.loads(text)))
        except (ValueError, RecursionError) as error:
            raise ExportError(f"what the template makes is not JSON ({error}), but {name} wants it to be.") from error
        except Unresolvable as error:
            raise ExportError(f"{name}: refers to {error}, which is not in it.") from error
        if found is not None:
            raise ExportError(f"what the template makes does not fit {name}: {found.json_path}: {found.message[:300]}.")

    return check
