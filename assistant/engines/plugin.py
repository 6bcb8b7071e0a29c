"""What OpenVINO's CPU plugin is told by both that use it, the engine and the embeddings."""

from __future__ import annotations

# For each new shape of its input the plugin makes executors and keeps 5,000 of them. Shapes differ with each message
# and with who else is read in the same step, so a server grew by 100 MB within its first thousand turns. With the last
# 32 kept a message takes as long as before (docs/log.md).
FEW_SHAPES = {"CPU_RUNTIME_CACHE_CAPACITY": 32}
