"""The shape of config.yaml: every key, its default and what it accepts."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

ProviderName = Literal["openai", "anthropic", "google", "mistral", "llama"]
Mode = Literal["create", "identify", "hybrid", "free"]
Strategy = Literal["random", "weighted", "stratified"]
WeightBy = Literal["source", "keywords"]
Variety = Literal["low", "medium", "high"]
AgenticLLM = Literal["auto", "local", "openai", "anthropic", "google", "mistral", "llama"]


class Section(BaseModel):
    """A part of config.yaml: refuses unknown keys and values of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SplitSettings(Section):
    """Shares of the whole. `validation: null` means "what train and test leave"."""

    enabled: bool = True
    ratio: float = Field(0.8, gt=0, lt=1)
    strategy: Strategy = "weighted"
    weight_by: WeightBy = "source"
    validation: float | None = Field(None, ge=0, lt=1)
    test: float = Field(0.0, ge=0, lt=1)
    seed: int = Field(42, ge=0)

    @model_validator(mode="after")
    def _shares_fit(self) -> SplitSettings:
        total = self.ratio + self.test + (self.validation or 0)
        if total > 1 + 1e-9:
            raise ValueError(f"ratio + validation + test is {total:g}; it may be at most 1")
        if self.validation is not None and total < 1 - 1e-9:
            raise ValueError(f"ratio + validation + test is {total:g}; it must be 1 (or leave validation empty)")
        return self

    @property
    def shares(self) -> tuple[float, float, float]:
        """The shares of train, validation and test; they add up to 1."""
        validation = self.validation if self.validation is not None else 1 - self.ratio - self.test
        return self.ratio, max(0.0, round(validation, 9)), self.test


class CreateSettings(Section):
    """`grounding_threshold`: how much of a quote must stand in its passage; 1 means word for word."""

    temperature: float = Field(0.7, ge=0, le=2)
    variety: Variety = "high"
    grounding_threshold: float = Field(0.95, ge=0.5, le=1)
    candidates_per_sample: float = Field(3.0, ge=1, le=20)


class IdentifySettings(Section):
    """`roles` says who is who, by the name a document gives a speaker; others get a role by the rules."""

    min_turns: int = Field(2, ge=2)
    include_context: bool = True
    roles: dict[str, Literal["user", "assistant", "system"]] = Field(default_factory=dict)


class HybridSettings(Section):
    generation_ratio: float = Field(0.5, ge=0, le=1)


class FreeSettings(Section):
    use_prompt_file: bool = True


class AgentSettings(Section):
    create: CreateSettings = CreateSettings()
    identify: IdentifySettings = IdentifySettings()
    hybrid: HybridSettings = HybridSettings()
    free: FreeSettings = FreeSettings()


class IngestionSettings(Section):
    """How documents are read. `workers` 0 is one process for each core; `timeout_s` gets a second more for each MB.

    `passwords` open encrypted documents, by file name; they are never stored or exported.
    """

    timeout_s: float = Field(60.0, gt=0, le=86_400)
    memory_mb: int = Field(2048, ge=128, le=1_048_576)
    workers: int = Field(0, ge=0, le=64)
    headers_footers: bool = False
    comments: bool = False
    hidden_sheets: bool = False
    ocr: bool = False
    ocr_languages: str = Field("eng", pattern=r"^[A-Za-z0-9_]{2,20}(\+[A-Za-z0-9_]{2,20}){0,9}$")
    passwords: dict[str, SecretStr] = Field(default_factory=dict, repr=False)
    cache_mb: int = Field(4096, ge=0, le=10_485_760)


class OutputSettings(Section):
    format: Literal["jsonl"] = "jsonl"
    include_csv: bool = True
    include_stats: bool = True


class BaseUrlSettings(Section):
    """Addresses instead of the providers' own; the variables OPENAI_BASE_URL and the like come before them."""

    openai: str = ""
    anthropic: str = ""
    google: str = ""
    mistral: str = ""
    llama: str = ""


class SystemSettings(Section):
    """The LLM that does the agents' work. An empty `agentic_model` means the provider's default.

    Times are in seconds, prices in USD per million tokens; None is "no limit" or "not known better".
    """

    agentic_llm: AgenticLLM = "auto"
    agentic_model: str = ""
    local_model_path: str = ""
    max_retries: int = Field(3, ge=0, le=20)
    timeout: float = Field(60.0, gt=0, le=3600)
    concurrency: int = Field(8, ge=1, le=256)
    max_wait: float = Field(300.0, ge=0, le=86400)
    requests_per_minute: int | None = Field(None, ge=1)
    tokens_per_minute: int | None = Field(None, ge=1)
    confirm_above_usd: float = Field(5.0, ge=0)
    budget_usd: float | None = Field(None, gt=0)
    budget_tokens: int | None = Field(None, ge=1)
    price_per_million_input: float | None = Field(None, ge=0)
    price_per_million_output: float | None = Field(None, ge=0)
    batch: bool = False
    base_urls: BaseUrlSettings = BaseUrlSettings()


class ModelSettings(Section):
    """One fine-tunable model of the user's: new, or figures laid over those of a known one of that id.

    `like` names the known model a new one takes its figures from; without it they are unknown, and `tokenizer` is
    wanted. Sizes are in tokens, examples and bytes.
    """

    id: str = Field(min_length=1)
    like: str | None = None
    display_name: str | None = None
    formats: list[str] | None = Field(None, min_length=1)
    tokenizer: str | None = None
    context_window: int | None = Field(None, ge=1)
    max_tokens_per_example: int | None = Field(None, ge=1)
    longer_examples: Literal["truncated", "rejected", "unpublished"] | None = None
    max_training_tokens: int | None = Field(None, ge=1)
    min_examples: int | None = Field(None, ge=1)
    max_examples: int | None = Field(None, ge=1)
    max_validation_examples: int | None = Field(None, ge=1)
    max_total_examples: int | None = Field(None, ge=1)
    max_file_bytes: int | None = Field(None, ge=1)
    max_validation_file_bytes: int | None = Field(None, ge=1)
    usd_per_1m_train: float | None = Field(None, ge=0)
    status: Literal["open", "existing_users_only", "retired", "deprecated"] | None = None


class Settings(Section):
    """One validated config.yaml."""

    provider: ProviderName = "google"
    model: str = Field("gemini-2.5-flash", min_length=1)
    mode: Mode = "create"
    dataset_size: int = Field(100, ge=1)
    output_name: str = Field("my_dataset", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    split: SplitSettings = SplitSettings()
    ingestion: IngestionSettings = IngestionSettings()
    agent: AgentSettings = AgentSettings()
    output: OutputSettings = OutputSettings()
    system: SystemSettings = SystemSettings()
    models: dict[str, list[ModelSettings]] = Field(default_factory=dict)

    @field_validator("models")
    @classmethod
    def _providers_exist(cls, models: dict[str, list[ModelSettings]]) -> dict[str, list[ModelSettings]]:
        unknown = models.keys() - set(get_args(ProviderName))
        if unknown:
            raise ValueError(f"{min(unknown)!r} is not a provider; use {', '.join(get_args(ProviderName))}")
        return models
