from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from src.errors import ExportError
from src.export.formats.export_format import ExportJob
from src.records import Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write

CHAT = "{% for message in messages %}<{{ message.role }}>{{ message.content }}</{{ message.role }}>{% endfor %}"
ROW = '{"q": {{ user | json }},\n "a": {{ assistant | tojson }}, "n": {{ token_length }}}'
SCHEMA = {"type": "object", "properties": {"n": {"maximum": 50}}, "required": ["q", "a"]}


def job_with(tmp_path: Path, template: str, schema: object = None, extension: str = "txt") -> ExportJob:
    file = tmp_path / "shape.j2"
    file.write_text(template, encoding="utf-8")
    chosen = {"file": str(file), "extension": extension}
    if schema is not None:
        (tmp_path / "schema.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
        chosen["schema_file"] = str(tmp_path / "schema.json")
    return replace(job_for(awkward_samples(), template=chosen), counts={})


def export(samples: list[Sample], tmp_path: Path, job: ExportJob) -> list[Path]:
    return write("template", samples, tmp_path / "out", job)[0]


def test_each_sample_is_a_text_of_the_users_making(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_with(tmp_path, CHAT)
    files = export(samples, tmp_path, job)
    assert [path.name for path in files] == ["train.txt", "validation.txt", "test.txt"]
    for path in files:
        expected = "".join(
            "".join(f"<{one.role}>{one.content}</{one.role}>" for one in sample.messages) + "\n"
            for sample in samples
            if sample.split == path.stem
        )
        assert path.read_bytes().decode() == expected
    assert check("template", samples, tmp_path / "out", job).problems == ()


def test_a_template_may_name_the_texts_of_one_turn(tmp_path: Path) -> None:
    job = job_with(tmp_path, ROW, SCHEMA, "json")
    (path,) = export([make_example(1, text='a "quoted"\n')], tmp_path, job)
    assert json.loads(path.read_text()) == {"q": "Question 1?", "a": 'a "quoted"\n 1.', "n": 10}


def test_messages_have_their_keys_and_the_methods_of_dicts(tmp_path: Path) -> None:
    template = "{% set m = messages[0] %}{{ m.role }} {{ m['role'] }} {{ m.keys() | list }} {{ m.nothing is defined }}"
    (path,) = export([make_example(1)], tmp_path, job_with(tmp_path, template))
    assert path.read_text() == "system system ['role', 'content'] False\n"


def test_a_key_that_is_missing_names_the_sample_and_the_line(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(60)]
    samples[55] = replace(samples[55], messages=samples[55].messages * 2)
    with pytest.raises(
        ExportError, match=r"sample s000055 \(guide\.pdf\): .*shape\.j2, line 2: 'assistant' is undefined"
    ):
        export(samples, tmp_path, job_with(tmp_path, "x\n{{ assistant }}"))


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("\n\n{% if %}", "line 3: Expected an expression"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("{{ id + 1 }}", "line 1: "),
        ("{{ id | shout }}", "No filter named 'shout'"),
        ("\n{{ ''.__class__.__mro__ }}", "line 2: access to attribute '__class__'"),
        ("{{ messages.append(1) }}", "line 1: access to attribute 'append'"),
        ("{{ self.__init__.__globals__ }}", "line 1: "),
        ("{% include '/etc/passwd' %}", "line 1: no loader"),
        ("{{ 'x' * 100000000000 }}", "line 1: the operator \\* is for small numbers"),
        ("{{ 9 ** 99999 }}", "line 1: the operator \\*\\* is for small numbers"),
        ("{% for a in range(99999) %}{% for b in range(999) %}xxxxxxxxx{% endfor %}{% endfor %}", "more than"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
    ],
)
def test_what_a_template_may_not_do_is_told(tmp_path: Path, template: str, told: str) -> None:
    with pytest.raises(ExportError, match=told):
        export([make_example(1)], tmp_path, job_with(tmp_path, template))


def test_a_mistake_is_found_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        export([make_example(1)], tmp_path, job_with(tmp_path, "{% if %}"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{"q": 1}', r"does not fit .*schema\.json: \$: 'a' is a required property"),
        ('{"q": 1, "a": 2, "n": 99}', r"\$\.n: 99 is greater than the maximum of 50"),
        ("{{ id }}", "is not JSON"),
    ],
)
def test_a_text_that_does_not_fit_the_schema_names_the_sample(tmp_path: Path, template: str, told: str) -> None:
    with pytest.raises(ExportError, match=f"sample s000001 .*{told}"):
        export([make_example(1)], tmp_path, job_with(tmp_path, template, SCHEMA))


@pytest.mark.parametrize("schema", ["{", '{"type": "thing"}', "[]"])
def test_a_schema_that_is_none_is_refused(tmp_path: Path, schema: str) -> None:
    with pytest.raises(ExportError, match=r"schema\.json: is not a JSON schema"):
        export([make_example(1)], tmp_path, job_with(tmp_path, "1", schema))


def test_a_schema_is_not_fetched_from_the_network(tmp_path: Path) -> None:
    asked: list[str] = []

    class Schemas(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Schemas) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        job = job_with(tmp_path, "1", {"$ref": f"http://127.0.0.1:{server.server_port}/schema.json"})
        with pytest.raises(ExportError, match=r"refers to .*which is not in it"):
            export([make_example(1)], tmp_path, job)
        server.shutdown()
    assert asked == []


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"output\.template\.file is empty"):
        export([make_example(1)], tmp_path, job_for([]))
    with pytest.raises(ExportError, match=r"nowhere\.j2: cannot be read"):
        export([make_example(1)], tmp_path, job_for([], template={"file": str(tmp_path / "nowhere.j2")}))
    (tmp_path / "latin.j2").write_bytes(b"\xff")
    with pytest.raises(ExportError, match=r"latin\.j2: is not UTF-8"):
        export([make_example(1)], tmp_path, job_for([], template={"file": str(tmp_path / "latin.j2")}))


@pytest.mark.parametrize("change", [b"X", b""])
def test_a_text_that_was_changed_is_found(tmp_path: Path, change: bytes) -> None:
    samples = [make_example(n) for n in range(60)]
    job = job_with(tmp_path, CHAT)
    (path,) = export(samples, tmp_path, job)
    content = path.read_bytes()
    place = content.index(b"Question 57") + 3
    path.write_bytes(content[:place] + change + content[place + 1 :])
    (problem,) = check("template", samples, tmp_path / "out", job).problems
    assert problem == "train: row 58 is not what the database holds of sample s000057"
    path.write_bytes(content + b"\n")
    assert "more than the 60 samples" in check("template", samples, tmp_path / "out", job).problems[0]
