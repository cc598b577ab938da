"""Connect to Google Cloud Storage, and say what went wrong there, for people. Never with a token in it."""

from __future__ import annotations

import asyncio
import importlib
import logging
import warnings
from typing import Any

from src.config.environment import set_variable
from src.config.settings import StorageSettings
from src.errors import StorageError, UsageError
from src.persistence.storage.addresses import Address
from src.persistence.storage.hosts.retrying import TakenError
from src.persistence.storage.storage import MissingObjectError

_SIGN_IN = "set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth application-default login"
_RIGHTS = "storage.objects.list, get, create and delete (the role Storage Object User)"


def connect_gcs(address: Address, settings: StorageSettings) -> Any:
    """A GCSFileSystem that tries nothing again by itself: with_retries does.

    Raises UsageError when gcsfs is not installed, StorageError when there are no credentials.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Google's: about Python's age, and a project that nobody needs here
        core = _import_gcsfs()
        # gcsfs's own six tries would multiply with ours.
        request = core.GCSFileSystem._request
        once = type("OnceGCS", (core.GCSFileSystem,), {"_request": getattr(request, "__wrapped__", request)})
        caught = gcs_exceptions()
        try:
            return once(
                token="anon" if settings.anonymous else "google_default",
                requests_timeout=_timeout(settings),
                use_listings_cache=False,
                skip_instance_cache=True,
            )
        except caught as error:
            raise explain_gcs(error, address, "") from error


def gcs_exceptions() -> tuple[type[Exception], ...]:
    """Everything a call through gcsfs may raise because of the host, the network or the credentials."""
    import aiohttp
    import requests
    from gcsfs.retry import ChecksumError, HttpError
    from google.auth.exceptions import GoogleAuthError

    # ValueError and RuntimeError: what gcsfs makes of some refusals.
    return (
        OSError, asyncio.TimeoutError, aiohttp.ClientError, requests.RequestException, HttpError, ChecksumError,
        GoogleAuthError, ValueError, RuntimeError,
    )  # fmt: skip


def explain_gcs(error: Exception, address: Address, key: str) -> StorageError:
    """The error in the program's words."""
    from google.auth import exceptions as auth

    where = f"gs://{address.bucket}" + (f"/{key}" if key else "")
    if isinstance(error, FileNotFoundError):
        return MissingObjectError(f"{where}: there is no such object or bucket; list what is there with `remote`.")
    if isinstance(error, FileExistsError):
        return TakenError(f"{where}: is there already.")
    if isinstance(error, auth.DefaultCredentialsError):
        return StorageError(f"{address.url}: there are no Google credentials; {_SIGN_IN}, or set storage.anonymous.")
    if isinstance(error, auth.RefreshError):
        return StorageError(f"{address.url}: the Google sign-in has ended or was refused; {_SIGN_IN}.")
    if isinstance(error, OSError) and str(error).startswith("Forbidden"):
        return StorageError(f"{where}: the credentials may not do that; they need {_RIGHTS}.")
    return _explain_status(error, address, where, str(getattr(error, "code", "") or ""))


def _explain_status(error: Exception, address: Address, where: str, status: str) -> StorageError:
    if status == "401":
        return StorageError(f"{where}: the host does not accept the credentials; {_SIGN_IN}.")
    if status in ("408", "429") or status.startswith("5"):
        return StorageError(f"{where}: the host is busy or ill ({status}); try later.", passing=True)
    if status or isinstance(error, ValueError | RuntimeError):
        return StorageError(f"{where}: the host refused it ({status or type(error).__name__}).")
    return StorageError(
        f"{address.url}: no answer ({type(error).__name__}); check the network and the address.", passing=True
    )


def _timeout(settings: StorageSettings) -> Any:
    import aiohttp

    return aiohttp.ClientTimeout(total=None, sock_connect=min(10.0, settings.timeout), sock_read=settings.timeout)


def _import_gcsfs() -> Any:
    # Its default class asks a gRPC service about every bucket first; plain objects need none of that.
    set_variable("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    try:
        core = importlib.import_module("gcsfs.core")
    except ImportError as error:
        raise UsageError("gs:// needs gcsfs; install it with: pip install -r requirements-cloud.txt") from error
    logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # it prints a traceback for each failed request
    return core
