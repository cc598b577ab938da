"""One dataset in the making: rows on disk, then divided, then stored and described."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from src.config.config_lock import Lock, make_lock
from src.config.environment import share_storage_variables
from src.config.settings import Settings
from src.errors import UsageError
from src.persistence.storage import open_storage
from src.persistence.storage.addresses import parse_address
from src.persistence.stores.store import Store
from src.providers.token_counter import counter_for
from src.records import SPLITS, Dataset, RunReport, Split
from src.version import VERSION
from src.web_actions.actions.sample_text import parse_sample_text
from src.web_actions.images.finding import FindPicture, pictures_in_folder, pictures_in_storage
from src.web_actions.images.handling import ImageHandler, PicturePlan, PictureTally
from src.web_actions.images.keeping import Keep, keep_in_folder, keep_in_storage
from src.web_actions.images.loading import PictureError
from src.web_actions.making.filters import Filters
from src.web_actions.making.report import BuildReport, describe
from src.web_actions.making.row_maker import MOST_TOLD, RowMaker, text_of
from src.web_actions.making.samples import StepRow, new_sample_of
from src.web_actions.making.splitting import SplitFacts, StepLeakage
from src.web_actions.making.spool import RowWriter, WrittenSamples, read_rows
from src.web_actions.session import Rejected
from src.web_actions.sessions.reading import read_sessions
from src.web_actions.statistics.tally import StepTally

MODE = "web-actions"
_PIECE = 256 << 10  # bytes; it stays in a core's cache
# Called with how many samples there are so far.
OnSamples = Callable[[int], None]


@dataclass(slots=True)
class Build:
    """A dataset being made in a hidden folder."""

    source: str
    output: Path
    settings: Settings
    store: Store | None
    folder: Path
    progress: OnSamples
    report: RunReport = field(default_factory=RunReport)
    tally: StepTally = field(default_factory=StepTally)
    rejected: int = 0

    def run(self) -> BuildReport:
        facts = SplitFacts(self.settings.web_actions)
        with ExitStack() as open_things:
            images = self._image_handler(open_things)
            self._write_spool(facts, images)
            if not len(facts):
                raise UsageError(self._nothing())
            placed = facts.divide(self.settings.split.shares, self.settings.split.seed)
            written = self._write_splits(placed.tolist(), images)
        leakage = facts.leakage(placed)
        self._tell(leakage)
        statistics = self.tally.statistics(counter_for(self.settings.provider, self.settings.model).exactness)
        built = BuildReport(
            self.output, self.settings.output_name, "", dict(written), self.rejected, self.report, statistics, leakage,
            images.tally if images else PictureTally(),
        )  # fmt: skip
        self._spool.unlink()
        built = replace(built, dataset_id=self._store(written))
        describe(built, self.folder)
        return built

    @property
    def _spool(self) -> Path:
        return self.folder / ".rows.jsonl"

    def _write_spool(self, facts: SplitFacts, images: ImageHandler | None) -> None:
        web = self.settings.web_actions
        with RowWriter(self._spool) as spool, (self.folder / "rejected.jsonl").open("xb") as rejects:
            maker = RowMaker(
                Filters(web.only, web.without),
                self.report,
                lambda entry: self._reject(entry, rejects),
                self.settings.provider,
                self.settings.model,
                web.dom_characters,
                web.keep_duplicates,
                images,
                _Hashes(self.source).of,
            )
            for made in maker.rows(read_sessions(self.source, self.settings.storage)):
                spool.write(made.row)
                facts.add(made.row)
                self.tally.add(made.row, made.recorded, made.pruned)
                self.progress(spool.rows)
            self.report.count("samples", spool.rows)

    def _write_splits(self, placed: Sequence[int], images: ImageHandler | None) -> dict[Split, int]:
        """Every row to its split's file; how many there are in each."""
        with ExitStack() as files:
            named = [split for number, split in enumerate(SPLITS) if number in set(placed)]
            writers = {split: files.enter_context(RowWriter(self.folder / f"{split}.jsonl")) for split in named}
            for row, number in zip(read_rows(self._spool), placed, strict=True):
                split = SPLITS[number]
                for one in (row, *(self._variants(row, images) if split == "train" else ())):
                    writers[split].write(one)
                    self.tally.count_split(split, one.tokens)
            return {split: writer.rows for split, writer in writers.items()}

    def _variants(self, row: StepRow, images: ImageHandler | None) -> Iterator[StepRow]:
        """Further versions of a training row with a picture, of which each shows another version of it."""
        wanted = self.settings.web_actions.images.augment
        if images is None or row.image is None or not wanted:
            return
        counter = counter_for(self.settings.provider, self.settings.model)
        html = parse_sample_text(row.text).dom
        for number in range(1, wanted + 1):
            try:
                content = images.find(row.screenshot, row.source_file)
                seed = f"{self.settings.split.seed} {row.id} {number}"
                image = images.variant(content, row.box, row.action.point, seed)
            except PictureError:  # the recording was changed meanwhile
                self.report.drop("further versions of pictures that are gone")
                continue
            varied = replace(row, text=text_of(html, row.action, image), image=image)
            sample = new_sample_of(varied)
            self.report.count("further versions of pictures")
            yield replace(varied, id=sample.id, tokens=counter.count_messages(sample.messages))

    def _image_handler(self, open_things: ExitStack) -> ImageHandler | None:
        if not self.settings.web_actions.images.include:
            return None
        wanted = self.settings.web_actions.images
        plan = PicturePlan(wanted.max_side, wanted.crop, wanted.pixel_ratio, wanted.quality)
        return ImageHandler(self._find(open_things), self._keep(open_things), plan)

    def _find(self, open_things: ExitStack) -> FindPicture:
        if parse_address(self.source).scheme == "file":
            return pictures_in_folder(Path(parse_address(self.source).prefix))
        share_storage_variables()
        return pictures_in_storage(open_things.enter_context(open_storage(self.source, self.settings.storage)))

    def _keep(self, open_things: ExitStack) -> Keep:
        url = self.settings.web_actions.images.url
        if not url:
            return keep_in_folder(self.folder)
        share_storage_variables()
        storage = open_things.enter_context(open_storage(url, self.settings.storage))
        return keep_in_storage(storage, f"fine-tuning-dataset-builder {VERSION}")

    def _reject(self, entry: Rejected, rejects: IO[bytes]) -> None:
        from msgspec.json import encode

        self.rejected += 1
        self.report.drop("entries that cannot be used (rejected.jsonl says why)")
        rejects.write(encode(entry) + b"\n")
        if self.rejected <= MOST_TOLD:
            line = f", line {entry.line}" if entry.line else ""
            self.report.warn(f"{entry.file}{line}", f"{entry.where}: {entry.reason}" if entry.where else entry.reason)

    def _tell(self, leakage: StepLeakage) -> None:
        if leakage.doms:
            self.report.note(
                "split",
                f"{leakage.doms:,} DOMs stand in more than one split, with other goals or in other sessions; "
                "web_actions.split_by: site keeps sites apart.",
            )

    def _store(self, written: Mapping[Split, int]) -> str:
        if self.store is None:
            return ""
        settings = self.settings
        samples = WrittenSamples(self.folder, written)
        dataset = Dataset(self.settings.output_name, settings.provider, settings.model, MODE, samples)
        config = _without_addresses(settings.model_dump(mode="json"))
        config["generation"] = {"provider": "", "model": "", "is_local": False}
        return self.store.save_dataset(dataset, {**config, "lock": _lock(config)}, self.report)

    def _nothing(self) -> str:
        """Why there is no sample, as far as it is known."""
        left_out = "; ".join(f"{count:,} {reason}" for reason, count in self.report.dropped.most_common(5))
        read = f"{self.report.counts['sessions read']:,} sessions were read"
        told = "".join(f"\n  - {issue}" for issue in self.report.issues[:5])
        return f"{self.source} gives no sample: {read}" + (f", left out: {left_out}." if left_out else ".") + told


class _Hashes:
    """The SHA-256 of recordings in a folder; "" for those that lie in a storage."""

    def __init__(self, source: str) -> None:
        address = parse_address(source)
        root = Path(address.prefix)
        self._folder = (root if root.is_dir() else root.parent) if address.scheme == "file" else None
        self._last = ("", "")

    def of(self, source_file: str) -> str:
        if self._last[0] != source_file:
            self._last = (source_file, self._hash(source_file))
        return self._last[1]

    def _hash(self, source_file: str) -> str:
        if self._folder is None:
            return ""
        digest, piece = hashlib.sha256(), memoryview(bytearray(_PIECE))
        with (self._folder / source_file).open("rb", buffering=0) as stream:
            while size := stream.readinto(piece):
                digest.update(piece[:size])
        return digest.hexdigest()


def _lock(config: Mapping[str, Any]) -> Lock:
    """What made the dataset, and when. It has no input files, so no run on documents takes it for its own."""
    counter = counter_for(config["provider"], config["model"])
    return make_lock(
        {key: config[key] for key in ("provider", "model", "output_name", "split", "output", "web_actions")},
        run={"llm_stage": False, "instructions": ""},
        agent=None,
        tokenizer={"name": counter.tokenizer, "exactness": counter.exactness},
        prompts={},
        facts={},
        files={},
        inputs=None,
    )


def _without_addresses(config: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are stored: no path, address or password of this machine."""
    config["system"]["local_model_path"] = ""
    config["system"]["base_urls"] = {}
    config["ingestion"]["passwords"] = {}
    return config
