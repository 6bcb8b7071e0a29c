"""A small file that every page of a shop loads: packed once at the start, sent packed to browsers that take it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


class PackedFile:
    def __init__(self, path: Path, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.plain = path.read_bytes()
        self.packed = gzip.compress(self.plain, mtime=0)
        self.media_type = media_type
        self.headers = {**(headers or {}), "Vary": "Accept-Encoding"}

    def answer(self, request: Request) -> Response:
        if TAKES_GZIP.search(request.headers.get("accept-encoding", "")):
            return Response(
                self.packed, media_type=self.media_type, headers=self.headers | {"Content-Encoding": "gzip"}
            )
        return Response(self.plain, media_type=self.media_type, headers=self.headers)
