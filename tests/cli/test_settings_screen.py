"""Menu 5: keys whose names the user chooses, and passwords that are never shown."""

from __future__ import annotations

from pathlib import Path

from src.cli.screens.settings_screen import flat, shown
from src.config.loader import build_settings
from tests.workflows.support import menu, run


def test_names_the_user_chose_are_one_value() -> None:
    settings = build_settings({"agent": {"identify": {"roles": {"Dr. Rao": "assistant"}}}})
    values = dict(flat(settings.model_dump(mode="json")))
    assert shown(values["agent.identify.roles"]) == '{"Dr. Rao": "assistant"}'
    assert shown(values["ingestion.passwords"]) == "(empty)"


def test_a_password_is_set_from_the_menu_opens_the_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    encrypted_pdf(tmp_path / "in" / "secret.pdf", "canary-password-3")
    (tmp_path / "config.yaml").write_text("mode: identify\nprovider: openai\nmodel: gpt-4o\n", encoding="utf-8")

    number = list(dict(flat(build_settings({}).model_dump(mode="json")))).index("ingestion.passwords") + 1

    refused = run(tmp_path, "run", "--input", "in", "--yes")
    done = menu(tmp_path, ["5", "2", str(number), '{"secret.pdf": "canary-password-3"}', "b", "6"])
    opened = run(tmp_path, "run", "--input", "in", "--yes", "--name", "opened")
    shown_again = run(tmp_path, "config")

    assert refused.code == 1 and "ingestion.passwords" in refused.out
    said = [line for line in done.out.splitlines() if not line.startswith("ingestion.passwords [")]  # the answer itself
    assert 'ingestion.passwords is now {"secret.pdf": "**********"} in config.yaml.' in said
    assert opened.code == 0 and "Saved dataset opened" in opened.out and "2 samples" in opened.out
    assert "**********" in shown_again.out
    assert "canary-password-3" not in "\n".join(said) + shown_again.out + opened.out + opened.err
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "config.yaml":
            assert b"canary-password-3" not in path.read_bytes(), path


def encrypted_pdf(path: Path, password: str) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), encrypt=StandardEncryption(password, canPrint=0, strength=128))
    for number, line in enumerate(["Q: Who repairs pumps?", "A: Every dealer.", "Q: Is it red?", "A: It is blue."]):
        canvas.drawString(72, 720 - 20 * number, line)
    canvas.save()
