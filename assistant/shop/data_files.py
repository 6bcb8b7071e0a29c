"""Read the YAML files of the demo shop, and say which file and entry is at fault when one does not hold.

YAML 1.2 is read, where a bare `yes` or `no` is text; a fact such as `capacity: 4` becomes the text "4".
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

DATA = Path(__file__).parent / "data"

Model = TypeVar("Model", bound="Entry")


class ShopDataError(ValueError):
    """A data file of the demo shop does not hold; the message names the file, the entry and the fault."""


class Entry(BaseModel):
    """One entry of a data file. Unknown keys are refused: they are usually misspelt ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError('is a truth value; write "yes" or "no" in quotes')
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_as_text)]


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a file. Raises ShopDataError when it is not there, not YAML or not a mapping."""
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ShopDataError(f"There is no {path.name} in {path.parent.name}/; restore it with git.") from None
    except YAMLError as error:
        raise ShopDataError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ShopDataError(f"{path.name} should be a mapping at its top, but is {type(content).__name__}.")
    return content


def read_entry(model: type[Model], raw: Any, where: str) -> Model:
    """Validate one entry; `where` is how the message names it: "footwear.yml, Tarnbeck Dale Low"."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'entry'}: {fault['msg']}" for fault in error.errors()
        )
        raise ShopDataError(f"{where}: {faults}") from None


def only_keys(content: dict[str, Any], keys: set[str], where: str) -> None:
    """Refuse a file whose top level has keys missing or to spare."""
    if set(content) != keys:
        raise ShopDataError(f"{where} should have the keys {sorted(keys)} at its top, but has {sorted(content)}.")
