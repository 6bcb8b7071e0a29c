"""The merged model as OpenVINO reads it best: converted from GGUF once, and mapped into memory from then on.

A GGUF file is read and rebuilt at each start, in 6.9 s on two slow cores, and its weights stay in memory beside those
that OpenVINO's CPU plugin makes of them at the first inference. The converted files are mapped: they open in 3.4 s, and
once the plugin has its own weights `give_back` leaves the mapped pages to the system (200 MB less in all).
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

# OpenVINO's tools report every use to an analytics service on the internet, unless this module cannot be imported
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino_genai as genai  # noqa: E402

log = logging.getLogger(__name__)

MODEL, WEIGHTS = "openvino_model.xml", "openvino_model.bin"
SIGNED, UNSIGNED = "signed", "unsigned"  # layouts of the weights: of openvino_layout.py, and as they are converted
CPU_INFO = Path("/proc/cpuinfo")
BYTE_PRODUCTS = {"avx512_vnni", "avx_vnni"}  # of a processor; OpenVINO uses them with unsigned bytes
SUFFIX = ".openvino"
PART = ".part"
LAID_OUT = "laid_out"
LEFT_AFTER_S = 3_600  # a conversion takes seconds; what is older was killed
COPIES = 3  # of a GGUF file that its disk must have room for: converted, laid out, its own where no link can be made
NOT_NEEDED = 4  # MADV_DONTNEED of Linux: of a mapped file, pages that are read again when they are wanted
SAVED = {"enable_save_ov_model": True}  # writes what a GGUF file was converted to beside it


def converted(gguf: Path) -> Path:
    """The folder with the model and tokenizer of a GGUF file, beside it, made now if it is not there, in some 10 s.

    The GGUF file itself, with a line in the log, where the folder cannot be written. Raises RuntimeError, of OpenVINO,
    for a file that it cannot read.
    """
    folder = gguf.with_name(f"{gguf.stem}.{_version()}{SUFFIX}")
    if (folder / WEIGHTS).is_file():
        return folder
    part = gguf.with_name(f".{folder.name}.{uuid4().hex}{PART}")
    try:
        part.mkdir()
        _check_room(gguf, part)
        _convert(gguf, part)
        part.rename(folder)
    except OSError as error:
        if not (folder / WEIGHTS).is_file():  # else another process was faster, and its folder is as good
            log.warning("The model is read from %s, which takes longer and more memory: %s", gguf, error)
            return gguf
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _remove_old(gguf.parent)
    return folder


def give_back(folder: Path) -> None:
    """Leave the pages of the mapped weights to the system; whoever wants one again reads it from the file."""
    with suppress(OSError, AttributeError):  # another system than Linux
        lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
        for line in lines:
            if line.endswith(str(folder / WEIGHTS)):
                start, end = (int(one, 16) for one in line.split()[0].split("-"))
                ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), NOT_NEEDED)


def _version() -> str:
    """Of what a folder holds."""
    return f"{genai.__version__}-{layout()}"


def layout() -> str:
    """Which one is quicker here, as far as it was measured: on Linux, on an x86 without products of bytes, SIGNED."""
    try:
        lines = CPU_INFO.read_text("utf-8").splitlines()
    except OSError:
        return UNSIGNED
    flags = {flag for line in lines if line.startswith("flags") for flag in line.partition(":")[2].split()}
    return SIGNED if flags and not flags & BYTE_PRODUCTS else UNSIGNED


def _check_room(gguf: Path, out: Path) -> None:
    """OpenVINO need not notice that a disk is full, and half a model must never be kept. Raises OSError."""
    if shutil.disk_usage(out).free < COPIES * gguf.stat().st_size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out))


def _convert(gguf: Path, out: Path) -> None:
    given = out / "model.gguf"
    try:
        os.link(gguf, given)
    except OSError:  # no links here
        shutil.copyfile(gguf, given)
    scheduler = genai.SchedulerConfig()
    scheduler.num_kv_blocks = 1
    genai.ContinuousBatchingPipeline(str(given), scheduler, "CPU", SAVED, SAVED)
    given.unlink()
    if layout() == SIGNED:
        _lay_out(out)


def _lay_out(folder: Path) -> None:
    """In place of what the conversion wrote."""
    from assistant.engines.openvino_layout import lay_out  # a start that converts nothing needs no graph

    laid = folder / LAID_OUT
    laid.mkdir()
    lay_out(folder / MODEL, laid / MODEL)
    for name in (MODEL, WEIGHTS):
        (laid / name).replace(folder / name)
    laid.rmdir()


def _remove_old(cache: Path) -> None:
    """Folders whose GGUF file is gone, or that another version of OpenVINO made, and what killed conversions left."""
    for folder in cache.glob(f"[!.]*{SUFFIX}"):
        stem, _, version = folder.name.removesuffix(SUFFIX).partition(".")
        if version != _version() or not (cache / f"{stem}.gguf").is_file():
            shutil.rmtree(folder, ignore_errors=True)
    for part in cache.glob(f".*{SUFFIX}.*{PART}"):
        with suppress(OSError):  # it has become a whole folder meanwhile
            if time.time() - part.stat().st_mtime > LEFT_AFTER_S:
                shutil.rmtree(part, ignore_errors=True)
