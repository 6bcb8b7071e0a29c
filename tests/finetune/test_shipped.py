"""What stands beside the shipped adapter must let a fresh clone know what is new to it."""

from assistant.settings import SHIPPED_ADAPTER
from finetune.card import read_manifest
from finetune.taught import TAUGHT_FILE, read_taught


def test_the_shipped_adapter_says_what_it_was_taught():
    manifest = read_manifest(SHIPPED_ADAPTER)
    taught = read_taught(SHIPPED_ADAPTER, manifest["data"])
    assert taught is not None, (
        f"{TAUGHT_FILE} is missing or of another adapter: trainers' new examples would not be known"
    )
    assert len(taught) <= manifest["pairs"] + manifest["dev_pairs"]
