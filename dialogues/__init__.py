"""What happens next, and what do we say? Flows, responses and policies are the YAML files beside this code."""

from pathlib import Path

content = Path(__file__).parent
