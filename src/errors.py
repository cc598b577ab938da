"""The tree of errors this program raises. Each says what happened, where, and what to do.

    BuilderError
    |-- ConfigError            config.yaml or .env: every problem in one message         (exit 2)
    |-- UsageError             a wrong argument, a missing folder, an unknown dataset     (exit 2)
    |-- IngestionError         one file cannot be read; becomes an Issue, the run goes on
    |-- PromptError            a prompt file is missing or lacks a placeholder
    |-- FormatError            samples cannot be written in a provider's format
    |-- PersistenceError       the database: locked, damaged, newer than this program
    |-- ExportError            files cannot be written
    |   `-- PackError          a packed dataset cannot be written, or is damaged, cut off, hostile or newer
    |-- EngineError            work shared among processes or nodes: the engine is missing, or a part of it failed
    |-- StorageError           a folder, S3 or GCS bucket that exports are kept in; `.passing` may mend itself
    `-- LLMError               a chat call failed; `.hint` says what to do
        |-- AuthenticationError      wrong key                     \\
        |-- PermissionDeniedError    the key may not do this        | these stop the run at once (`.fatal`)
        |-- QuotaExhaustedError      no credit left                 |
        |-- ModelUnavailableError    no such model, no local model /
        |-- RunPausedError           a limit of the user's or the host's is reached; what is done is kept (exit 75)
        |-- RateLimitedError         asked again after `.retry_after` seconds
        |-- OverloadedError          5xx, 529: asked again
        |-- ConnectionFailedError    no answer from the host: asked again; may have been billed
        |-- TimedOutError            asked again; may have been billed
        |-- ContextTooLongError      the request does not fit the model
        |-- ContentRefusedError      the provider declined to answer
        |-- BadRequestError          the provider rejected the request
        |-- TruncatedAnswerError     the answer was cut off; never repaired
        `-- MalformedAnswerError     the answer is not what was asked for; never repaired
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal


class BuilderError(Exception):
    """Anything this program raises on purpose."""


class ConfigError(BuilderError):
    """Wrong configuration. `problems` holds every one of them, as "key.path: what is wrong"."""

    def __init__(self, problems: Sequence[str], source: str = "config.yaml") -> None:
        self.problems = list(problems)
        self.source = source
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{source} has {len(self.problems)} problem(s):\n{lines}")


class UsageError(BuilderError):
    """The command or answer cannot be carried out as given."""


FileStatus = Literal[
    "ok",
    "empty",  # no bytes, or no text in it
    "needs_ocr",  # pictures of text only
    "encrypted",
    "unsupported",  # a kind of file that is not read
    "unreadable",  # the system refuses to open it; not a regular file; a link that leads outside
    "damaged",
    "refused",  # a bomb, or larger than any document
    "timeout",
    "memory",
    "crashed",
]


class IngestionError(BuilderError):
    """One input file cannot be read. `status` says why in one word."""

    def __init__(self, message: str, status: FileStatus = "damaged") -> None:
        super().__init__(message)
        self.status: FileStatus = status


class PromptError(BuilderError):
    """A prompt file is missing, empty or lacks a placeholder."""


class FormatError(BuilderError):
    """A sample cannot be expressed in the provider's format."""


class PersistenceError(BuilderError):
    """The database cannot be used."""


class ExportError(BuilderError):
    """An export cannot be written."""


class PackError(ExportError):
    """A packed dataset cannot be written or read. The text names the file and, where there is one, the frame."""


class EngineError(BuilderError):
    """Work cannot be shared among processes or nodes, or a part of it failed for good. What is done is kept."""


class StorageError(BuilderError):
    """A storage cannot be used. `passing` means that the same may succeed a moment later."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class LLMError(BuilderError):
    """A chat call failed. `retry_after` is in seconds, None when the host named none."""

    fatal = False
    retryable = False
    maybe_billed = False  # whether the host may have done the work although we got no answer

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.hint = hint
        self.retry_after = retry_after


class AuthenticationError(LLMError):
    fatal = True


class PermissionDeniedError(LLMError):
    fatal = True


class QuotaExhaustedError(LLMError):
    fatal = True


class ModelUnavailableError(LLMError):
    fatal = True


class RunPausedError(LLMError):
    fatal = True


class RateLimitedError(LLMError):
    retryable = True


class OverloadedError(LLMError):
    retryable = True


class ConnectionFailedError(LLMError):
    retryable = True
    maybe_billed = True


class TimedOutError(LLMError):
    retryable = True
    maybe_billed = True


class ContextTooLongError(LLMError):
    pass


class ContentRefusedError(LLMError):
    pass


class BadRequestError(LLMError):
    pass


class TruncatedAnswerError(LLMError):
    pass


class MalformedAnswerError(LLMError):
    maybe_billed = True
