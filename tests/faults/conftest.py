"""One mother of servers and one untouched shop for all tests of faults: both take seconds to make."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.rounds import Place, place_in


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_in(tmp_path_factory.mktemp("faults")) as made:
        yield made
