"""The shape of config.yaml: every key, its default and what it accepts."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, SecretStr, field_validator, model_validator

from src.config.qa_settings import QASettings
from src.config.section import Section
from src.config.web_action_settings import WebActionSettings

ProviderName = Literal["openai", "anthropic", "google", "mistral", "llama"]
Mode = Literal["create", "identify", "hybrid", "free"]
Strategy = Literal["random", "weighted", "stratified", "time", "grouped"]
SplitField = Literal[
    "source", "folder", "document", "place", "topic", "method", "model", "prompt", "length", "turns", "complexity"
]
WeightBy = Literal["source", "keywords"]
STRATIFY_BY: tuple[SplitField, ...] = ("source", "method")
Variety = Literal["low", "medium", "high"]
Engine = Literal["local", "ray"]
AgenticLLM = Literal["auto", "local", "openai", "anthropic", "google", "mistral", "llama"]


class SplitSettings(Section):
    """Shares of the whole. `validation: null` means "what train and test leave".

    `three_way` divides what train leaves 3 to 1 into validation and test where no figures are given: 80-15-5.
    With `keep_earlier` samples that a dataset of the same name holds already keep their split.
    `group_by` names what never falls into two splits, whatever the strategy; "grouped" without it means the source.
    """

    enabled: bool = True
    ratio: float = Field(0.8, gt=0, lt=1)
    strategy: Strategy = "weighted"
    weight_by: WeightBy = "source"
    stratify_by: list[SplitField] = Field(default_factory=lambda: [*STRATIFY_BY], min_length=1)
    group_by: SplitField | None = None
    keep_near_duplicates_together: bool = True
    keep_earlier: bool = True
    three_way: bool = False
    validation: float | None = Field(None, ge=0, lt=1)
    test: float = Field(0.0, ge=0, lt=1)
    seed: int = Field(42, ge=0)

    @model_validator(mode="after")
    def _shares_fit(self) -> SplitSettings:
        total = self.ratio + self.test + (self.validation or 0)
        if total > 1 + 1e-9:
            raise ValueError(f"ratio + validation + test is {total:g}; it may be at most 1")
        rest_is_test = self.three_way and not self.test
        if rest_is_test and total > 1 - 1e-9:
            raise ValueError(f"ratio + validation is {total:g}; with three_way they must leave something for test")
        if self.validation is not None and not rest_is_test and total < 1 - 1e-9:
            raise ValueError(f"ratio + validation + test is {total:g}; it must be 1 (or leave validation empty)")
        return self

    @property
    def shares(self) -> tuple[float, float, float]:
        """The shares of train, validation and test; they add up to 1."""
        test, rest = self.test, 1 - self.ratio
        if self.three_way and not test:
            test = rest / 4 if self.validation is None else rest - self.validation
        validation = self.validation if self.validation is not None else rest - test
        return self.ratio, max(0.0, round(validation, 9)), round(test, 9)


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


class JsonlSettings(Section):
    """`structure` is the provider's training rows, the plain messages, or one flat object with `fields`.

    `fields` names keys of a flat row: {"question": "user", "answer": "assistant", "doc": "source_file"}.
    """

    structure: Literal["provider", "messages", "flat"] = "provider"
    fields: dict[str, str] = Field(default_factory=dict)


class CsvSettings(Section):
    """`neutralise` puts a ' before texts that a spreadsheet would take for formulas; it can be taken off again."""

    delimiter: Literal[",", ";", "\t", "|"] = ","
    quoting: Literal["minimal", "all", "nonnumeric"] = "minimal"
    encoding: Literal["utf-8-sig", "utf-8", "utf-16"] = "utf-8-sig"
    neutralise: bool = True


class TemplateSettings(Section):
    """A Jinja2 file that makes a text of each sample; of `schema_file` each text must be a JSON value that fits it."""

    file: str = ""
    schema_file: str = ""
    extension: str = Field("txt", pattern=r"^[A-Za-z0-9]{1,10}$")


class OutputSettings(Section):
    """What an export holds. `shard_rows` is the most rows of a file of formats that come in shards.

    `organize_by` is topic, complexity, method, source or a rule like "token_length > 500"; "" leaves it.
    """

    format: Literal["jsonl"] = "jsonl"
    formats: list[str] = Field(default_factory=list)
    include_csv: bool = True
    include_stats: bool = True
    shard_rows: int = Field(100_000, ge=1, le=100_000_000)
    jsonl: JsonlSettings = JsonlSettings()
    csv: CsvSettings = CsvSettings()
    template: TemplateSettings = TemplateSettings()
    organize_by: str = ""
    organize_as: Literal["folders", "column"] = "folders"


class PersistenceSettings(Section):
    """Where datasets are kept. The address and keys of a server stand in .env: DATABASE_URL, or SUPABASE_URL and
    SUPABASE_KEY. The answer journal stays in a file on this machine.
    """

    backend: Literal["sqlite", "postgres", "supabase"] = "sqlite"


class StorageSettings(Section):
    """Where finished exports are kept beside this machine: a folder, s3://bucket/prefix or gs://bucket/prefix.

    Keys never stand here: AWS_*, GOOGLE_APPLICATION_CREDENTIALS and the libraries' profiles hold them. `endpoint_url`
    is for hosts that speak S3 but are not AWS. `part_mb` is the piece a large file travels in.
    """

    url: str = ""
    endpoint_url: str = ""
    region: str = ""
    anonymous: bool = False
    parallel: int = Field(8, ge=1, le=64)
    part_mb: int = Field(16, ge=5, le=1024)
    retries: int = Field(6, ge=0, le=20)
    timeout: float = Field(60.0, gt=0, le=3600)

    @field_validator("url", "endpoint_url")
    @classmethod
    def _no_credentials(cls, url: str) -> str:
        if "@" in url.partition("://")[2].partition("/")[0] or "?" in url:
            raise ValueError("keys do not belong into an address; set AWS_* or GOOGLE_APPLICATION_CREDENTIALS in .env")
        return url

    @field_validator("endpoint_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url


class JobSettings(Section):
    """Background jobs: how many at once, how many of them may generate samples, and what is tried again.

    A job that failed or was killed rests `retry_after` seconds, then twice as long each time, at most ten minutes.
    """

    at_once: int = Field(2, ge=1, le=64)
    generation_at_once: int = Field(1, ge=1, le=64)
    attempts: int = Field(8, ge=1, le=1000)
    retry_after: float = Field(5.0, ge=0, le=600)


class BaseUrlSettings(Section):
    """Addresses instead of the providers' own; the variables OPENAI_BASE_URL and the like come before them."""

    openai: str = ""
    anthropic: str = ""
    google: str = ""
    mistral: str = ""
    llama: str = ""


class SystemSettings(Section):
    """The LLM that does the agents' work, and the machines that do the rest.

    An empty `agentic_model` means the provider's default. `engine` shares reading, counting, measuring and comparing
    among processes of this machine or the nodes of a Ray cluster at `ray_address` (empty: the one this machine belongs
    to); `workers` 0 is as many as there are cores and memory for. LLM calls are always made by the program itself, so
    that their limits hold for the whole cluster.

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
    engine: Engine = "local"
    ray_address: str = ""
    workers: int = Field(0, ge=0, le=256)
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
    persistence: PersistenceSettings = PersistenceSettings()
    storage: StorageSettings = StorageSettings()
    qa: QASettings = QASettings()
    web_actions: WebActionSettings = WebActionSettings()
    system: SystemSettings = SystemSettings()
    jobs: JobSettings = JobSettings()
    models: dict[str, list[ModelSettings]] = Field(default_factory=dict)

    @field_validator("models")
    @classmethod
    def _providers_exist(cls, models: dict[str, list[ModelSettings]]) -> dict[str, list[ModelSettings]]:
        unknown = models.keys() - set(get_args(ProviderName))
        if unknown:
            raise ValueError(f"{min(unknown)!r} is not a provider; use {', '.join(get_args(ProviderName))}")
        return models
