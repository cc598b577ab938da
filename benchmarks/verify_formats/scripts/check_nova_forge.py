"""The validator of supervised tuning data in AWS's own SDK for Nova, amzn-nova-forge.

Its parts alone are imported: the package itself would bring SageMaker, which the validator does not use.
"""

from __future__ import annotations

import importlib.metadata
import sys
import types
from typing import Any

from protocol import answer, by_row, stand_in


def load() -> tuple[Any, Any]:
    """The model of a sample, and the Nova it is for."""
    place = importlib.metadata.distribution("amzn-nova-forge").locate_file("amzn_nova_forge")
    for name in ("", ".core", ".dataset", ".dataset.dataset_validator", ".validation", ".util"):
        bare = types.ModuleType(f"amzn_nova_forge{name}")
        bare.__path__ = [str(place) + name.replace(".", "/")]
        sys.modules[bare.__name__] = bare
    stand_in("boto3", "botocore", "sagemaker")
    from amzn_nova_forge.core.enums import Model
    from amzn_nova_forge.dataset.dataset_validator.sft_dataset_validator import SFTConverseDatasetSample

    return SFTConverseDatasetSample, Model.NOVA_LITE_2


SAMPLE, NOVA = load()


def check_row(row: Any, form: str) -> None:
    SAMPLE.model_validate(row, context={"model": NOVA})


answer(by_row(check_row))
