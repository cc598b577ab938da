"""Questions to the user: numbered lists, numbers, yes or no. Enter keeps the default, b goes back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TextIO, TypeVar

from src.cli.display import Screen

T = TypeVar("T")


class Back(Exception):
    """The user wants the question before this one."""


class EndOfInput(Exception):
    """Nothing more can be read: the end of piped answers, or Ctrl-D."""


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    value: T
    label: str
    hint: str = ""


class Asker:
    """Asks on a Screen and reads lines; piped answers are echoed so that the transcript reads like a session."""

    def __init__(self, screen: Screen, source: TextIO | None = None) -> None:
        self.screen = screen
        self.source = source or sys.stdin
        self.interactive = self.source.isatty()

    def line(self, prompt: str) -> str:
        """One trimmed line. Raises EndOfInput, and Back for "b"."""
        text = self.raw_line(prompt)
        if text.lower() in ("b", "back"):
            raise Back
        return text

    def raw_line(self, prompt: str) -> str:
        """One trimmed line, whatever it says. Raises EndOfInput."""
        if self.interactive and self.source is sys.stdin and self.screen.out is sys.stdout:
            try:
                return input(prompt).strip()
            except EOFError:
                self.screen.say()
                raise EndOfInput from None
        self.screen.ask(prompt)
        text = self.source.readline()
        if not text:
            self.screen.say()
            raise EndOfInput
        self.screen.say(text.strip() if not self.interactive else "")
        return text.strip()

    def choose(self, title: str, options: Sequence[Option[T]], default: T | None = None) -> T:
        """One of a numbered list, by its number or its name."""
        self._list(title, options)
        preset = next((str(i) for i, option in enumerate(options, 1) if option.value == default), "")
        accepted = f"Please answer with a number from 1 to {len(options)}, or b to go back."

        def read(text: str) -> T:
            if text.isdigit() and 1 <= int(text) <= len(options):
                return options[int(text) - 1].value
            named = [option.value for option in options if option.label.lower() == text.lower()]
            if named:
                return named[0]
            raise ValueError(accepted)

        return self.until_valid("Choose", preset, read, accepted)

    def choose_several(
        self, title: str, options: Sequence[Option[T]], defaults: Sequence[T], more: Sequence[Option[T]] = ()
    ) -> list[T]:
        """Some of a numbered list, by numbers or names with commas between them; `more` are known by name alone."""
        self._list(title, options)
        if more:
            self.screen.say(f"  or by name: {', '.join(option.label for option in more)}")
        names = {option.label.lower(): option.value for option in (*options, *more)}
        numbers = {str(number): option.value for number, option in enumerate(options, 1)}
        labels = {option.value: option.label for option in (*options, *more)}
        preset = ",".join(labels[value] for value in defaults)

        def read(text: str) -> list[T]:
            parts = [part.strip().lower() for part in text.split(",") if part.strip()]
            unknown = [part for part in parts if part not in names and part not in numbers]
            if unknown or not parts:
                which = f"'{unknown[0]}' is none of them. " if unknown else ""
                raise ValueError(f"{which}Please answer with numbers or names, commas between them, or b to go back.")
            return list(dict.fromkeys(numbers[part] if part in numbers else names[part] for part in parts))

        return self.until_valid("Choose", preset, read)

    def _list(self, title: str, options: Sequence[Option[T]]) -> None:
        self.screen.say()
        self.screen.title(title)
        width, digits = max(len(option.label) for option in options), len(str(len(options)))
        for number, option in enumerate(options, 1):
            hint = f" - {option.hint}" if option.hint else ""
            self.screen.say(f"  {number:>{digits}}. {option.label.ljust(width) if hint else option.label}{hint}")

    def yes_no(self, question: str, default: bool = True) -> bool:
        def read(text: str) -> bool:
            if text.lower() in ("y", "yes", "n", "no"):
                return text.lower().startswith("y")
            raise ValueError("Please answer y or n, or b to go back.")

        return self.until_valid(f"{question} (y/n)", "y" if default else "n", read)

    def number(self, question: str, default: int, least: int, most: int) -> int:
        accepted = f"Please answer with a whole number from {least:,} to {most:,}, or b to go back."

        def read(text: str) -> int:
            digits = text.replace(",", "").replace("_", "")
            if not digits.isdigit() or not least <= int(digits) <= most:
                raise ValueError(accepted)
            return int(digits)

        return self.until_valid(question, str(default), read)

    def until_valid(self, question: str, default: str, read: Callable[[str], T], missing: str = "") -> T:
        """Ask until `read` accepts the answer; its ValueError says what is accepted. Enter means `default`."""
        prompt = f"{question} [{default}]: " if default else f"{question}: "
        while True:
            text = self.line(prompt) or default
            try:
                if not text and missing:
                    raise ValueError(missing)
                return read(text)
            except ValueError as error:
                self.screen.warning(str(error))
