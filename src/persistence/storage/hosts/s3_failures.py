"""What went wrong with S3, for people: which setting, key or right to look at. Never with a key in it."""

from __future__ import annotations

import asyncio
import importlib
from types import ModuleType
from typing import Any

from src.errors import StorageError, UsageError
from src.persistence.storage.addresses import Address
from src.persistence.storage.hosts.retrying import TakenError
from src.persistence.storage.storage import MissingObjectError

_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) in the environment or .env"
_RIGHTS = "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload"
_REGION = "the bucket lies in another region; set storage.region (or AWS_REGION) to its own"
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (read 2026-11-21)
_ADVICE = {
    "NoSuchBucket": "there is no such bucket; create it or correct the address",
    "InvalidBucketName": "that is no bucket's name; correct the address",
    "InvalidAccessKeyId": f"the host does not know the access key; {_KEYS}",
    "SignatureDoesNotMatch": f"the secret key is wrong; {_KEYS}",
    "InvalidToken": "AWS_SESSION_TOKEN is not valid; sign in again",
    "ExpiredToken": "the credentials have expired; sign in again",
    "AccessDenied": f"the credentials may not do that; they need {_RIGHTS}",
    "AllAccessDisabled": "the host has closed this bucket; ask its owner",
    "AccountProblem": "the account is closed or unpaid; ask its owner",
    "RequestTimeTooSkewed": "this computer's clock is wrong; set it and run again",
    "PermanentRedirect": _REGION,
    "Redirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "QuotaExceeded": "the storage is full; free some space there",
    "EntityTooLarge": "the object is larger than the host takes",
    "403": f"the credentials may not do that; they need {_RIGHTS}",
}
_PASSING = {
    "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "BadDigest",
    "XAmzContentSHA256Mismatch", "IncompleteBody", "Throttling", "ThrottlingException", "RequestLimitExceeded",
    "ConditionalRequestConflict", "BandwidthLimitExceeded", "TooManyRequests",
}  # fmt: skip
_TAKEN = {"PreconditionFailed", "412"}
_MISSING = {"NoSuchKey", "NoSuchUpload", "404"}


def import_s3fs() -> ModuleType:
    """Raises UsageError, with the command, when it is not installed."""
    try:
        return importlib.import_module("s3fs")
    except ImportError as error:
        raise UsageError("s3:// needs s3fs; install it with: pip install -r requirements-cloud.txt") from error


def s3_exceptions() -> tuple[type[Exception], ...]:
    """Everything a call through s3fs may raise because of the host, the network or the credentials."""
    import_s3fs()
    from aiohttp import ClientError as ConnectionProblem
    from botocore.exceptions import BotoCoreError, ClientError
    from fsspec.exceptions import FSTimeoutError

    # ValueError: botocore's for an endpoint_url that is none.
    return OSError, asyncio.TimeoutError, FSTimeoutError, ConnectionProblem, BotoCoreError, ClientError, ValueError


def explain_s3(error: Exception, address: Address, key: str) -> StorageError:
    """The error in the program's words."""
    where = f"{address.scheme}://{address.bucket}" + (f"/{key}" if key else "")
    code, status = _answer(error)
    if code in _MISSING:
        return MissingObjectError(f"{where}: there is no such object; list what is there with `remote`.")
    if code in _TAKEN:
        return TakenError(f"{where}: is there already.")
    if code in _ADVICE:
        return StorageError(f"{where}: {_ADVICE[code]}.")
    if code in _PASSING or status >= 500 or status == 429:
        return StorageError(f"{where}: the host is busy or ill ({code or status}); try later.", passing=True)
    if code or status:
        return StorageError(f"{where}: the host refused it ({code or status}).")
    return _without_answer(error, address)


def _answer(error: Exception) -> tuple[str, int]:
    """The host's code and HTTP status, "" and 0 when it gave no answer. s3fs hides the answer in the cause."""
    for candidate in (error, error.__cause__, error.__context__):
        response: Any = getattr(candidate, "response", None)
        if isinstance(response, dict):
            code = str(response.get("Error", {}).get("Code", ""))
            return code, int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    return "", 0


def _without_answer(error: Exception, address: Address) -> StorageError:
    import botocore.exceptions as known

    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError):
        return StorageError(f"{address.url}: there are no AWS credentials; {_KEYS}, or set storage.anonymous.")
    if isinstance(error, known.ProfileNotFound):
        return StorageError(f"{address.url}: there is no such profile; correct AWS_PROFILE.")
    if isinstance(error, known.NoRegionError):
        return StorageError(f"{address.url}: no region is set; set storage.region or AWS_REGION.")
    if isinstance(error, known.SSLError):
        return StorageError(f"{address.url}: the connection is not safe (TLS); check endpoint_url and AWS_CA_BUNDLE.")
    if isinstance(error, known.CredentialRetrievalError | known.TokenRetrievalError | known.SSOError):
        return StorageError(f"{address.url}: the AWS sign-in has ended or failed; sign in again (aws sso login).")
    if isinstance(error, known.ParamValidationError | known.InvalidEndpointConfigurationError | ValueError):
        return StorageError(f"{address.url}: the request is not valid ({type(error).__name__}); check the address.")
    kind = type(error.__cause__ or error).__name__
    return StorageError(
        f"{address.url}: no answer ({kind}); check the network, the address and storage.endpoint_url.", passing=True
    )
