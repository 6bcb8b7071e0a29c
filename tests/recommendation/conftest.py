"""Everything here is recommended out of the demo shop, read."""

from tests.read_shop import shop, vectors

__all__ = ["shop", "vectors"]
