"""Exports in front of mlcroissant: valid, every record equal to its row, a changed file refused.

Needs mlcroissant and pyarrow, and nothing of this program:

    python check_croissant.py EXPORT_FOLDER [EXPORT_FOLDER ...]

Prints what was compared; exit code 1 when something is not as it must be. The expected rows are read with json, csv and
pyarrow. mlcroissant reads through pandas, which takes columns of digits for numbers and "NA" for nothing: such values
are counted as "taken for numbers", not as errors.
"""

from __future__ import annotations

import csv
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mlcroissant as mlc
import pyarrow.parquet as pq

Json = dict[str, Any]

# What pandas reads as nothing, of what may stand in a text.
NOTHING = {"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"}
TYPES = {"sc:Integer": int, "sc:Float": float, "sc:Boolean": bool}
csv.field_size_limit(1 << 30)


def main(folders: list[str]) -> int:
    logging.disable(logging.WARNING)
    errors = [f"{name}: {error}" for name in folders for error in check(Path(name))]
    print("\n".join(errors) if errors else f"{len(folders)} export(s) as they must be")
    return 1 if errors else 0


def check(folder: Path) -> list[str]:
    """Everything that is wrong with an export's croissant.json."""
    print(folder)
    path = folder / "croissant.json"
    errors = validate(path)
    if errors:
        return errors
    croissant = json.loads(path.read_text(encoding="utf-8"))
    dataset = mlc.Dataset(str(path))
    for record_set in croissant["recordSet"]:
        errors += Comparison(folder, croissant, record_set).run(dataset)
    errors += unlisted(folder, croissant)
    return errors + list(accepted_damage(folder, croissant))


def validate(path: Path) -> list[str]:
    command = [str(Path(sys.executable).with_name("mlcroissant")), "validate", "--jsonld", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"  mlcroissant validate: exit code {done.returncode}")
    return [done.stderr.strip()[-1000:] or "mlcroissant validate failed"] if done.returncode else []


def unlisted(folder: Path, croissant: Json) -> list[str]:
    """Files of the export that its croissant.json does not name."""
    late = {"croissant.json", "manifest.json", "manifest.sha256", "CHANGELOG.md"}
    named = {found["contentUrl"] for found in croissant["distribution"] if "contentUrl" in found}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return [f"{name} is not in the distribution" for name in sorted(there - named - late)]


def accepted_damage(folder: Path, croissant: Json) -> Iterator[str]:
    """Record sets of one file whose last byte was changed, and that are read all the same."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copytree(folder, Path(name) / "copy"))
        refused = 0
        for record_set in croissant["recordSet"]:
            paths = files_of(croissant, record_set)
            if len(paths) > 1:
                continue  # mlcroissant checks no sums of a FileSet's files
            path = copy / paths[0]
            sound = path.read_bytes()
            path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
            if refuses(copy, record_set):
                refused += 1
            else:
                yield f"{paths[0]} was changed, and mlcroissant reads it"
            path.write_bytes(sound)
        print(f"  {refused} changed files refused")


def refuses(folder: Path, record_set: Json) -> bool:
    try:
        next(iter(mlc.Dataset(str(folder / "croissant.json")).records(record_set["@id"])))
    except Exception as error:  # noqa: BLE001 - of all that can happen, only a wrong checksum is right
        return "Hash of downloaded file" in f"{error} {error.__cause__}"
    return False


class Comparison:
    """The records of one record set beside the rows of its files."""

    def __init__(self, folder: Path, croissant: Json, record_set: Json) -> None:
        self.name, self.fields = record_set["@id"], record_set["field"]
        self.paths = [folder / name for name in files_of(croissant, record_set)]
        self.errors: list[str] = []
        self.rows = self.values = self.taken = 0

    def run(self, dataset: mlc.Dataset) -> list[str]:
        records = iter(dataset.records(self.name))
        for row in (row for path in self.paths for row in rows_in(path)):
            record = next(records, None)
            if record is None:
                return [f"{self.name}: only {self.rows} records"]
            self.rows += 1
            for field in self.fields:
                self.compare(field, record[field["@id"]], row)
            if self.errors:
                return self.errors[:5]
        taken = f", {self.taken} of them taken for numbers" if self.taken else ""
        print(f"  {self.name}: {self.rows} records, {self.values} values{taken}")
        return [f"{self.name}: more than {self.rows} records"] if next(records, None) is not None else []

    def compare(self, field: Json, found: Any, row: Mapping[str, Any]) -> None:
        if "subField" not in field:
            self.same(field, found, row.get(field["source"]["extract"]["column"]))
            return
        for inner in field["subField"]:
            source, key = inner["source"], inner["@id"]
            value = row.get(source["extract"]["column"])
            way = source["transform"]["jsonPath"]
            if not field.get("repeated"):
                self.same(inner, found[key], resolve(value, way))
            elif len(found) == len(value or ()):
                for one, other in zip(found, value or (), strict=True):
                    self.same(inner, one[key], resolve(other, way))
            elif value is None and all(plain(one[key]) is None for one in found):
                self.values += 1  # a list that a row does not have is read as one item without a value
            else:
                self.errors.append(f"{key}: row {self.rows}: {len(found)} items, not {len(value or ())}")

    def same(self, field: Json, found: Any, expected: Any) -> None:
        self.values += 1
        found = plain(found)
        if found == expected or found == typed(expected, field["dataType"]):
            return
        if taken_for_number(found, expected):
            self.taken += 1
        else:
            self.errors.append(f"{field['@id']}: row {self.rows}: {found!r:.200}, not {expected!r:.200}")


def files_of(croissant: Json, record_set: Json) -> list[str]:
    """The paths of a record set's files, in order."""
    first = record_set["field"][0]
    source = first.get("source") or first["subField"][0]["source"]
    wanted = (source.get("fileObject") or source["fileSet"])["@id"]
    (found,) = (one for one in croissant["distribution"] if one["@id"] == wanted)
    if "contentUrl" in found:
        return [found["contentUrl"]]
    return sorted(re.sub(r"\[(.)\]", r"\1", name) for name in found["includes"])


def rows_in(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)
    else:
        with path.open(encoding="utf-8") as stream:
            yield from map(json.loads, stream)


def resolve(value: Any, way: str) -> Any:
    """The value at a JSONPath of names and [0]."""
    for part in way.split("."):
        name, first = part.removesuffix("[0]"), part.endswith("[0]")
        value = value.get(name) if isinstance(value, dict) else None
        if first:
            value = value[0] if value else None
    return value


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return [plain(item) for item in value] if isinstance(value, list) else value


def typed(value: Any, kind: str) -> Any:
    """A text of a table as the type its field has."""
    return TYPES[kind](value) if kind in TYPES and isinstance(value, str) and value else value


def taken_for_number(found: Any, expected: Any) -> bool:
    if found is None:
        return expected is None or expected in NOTHING
    try:
        return float(found) == float(expected)
    except (TypeError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
