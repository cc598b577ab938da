"""The program's version, as manifests and --version name it."""

from __future__ import annotations

VERSION = "0.1.0"
