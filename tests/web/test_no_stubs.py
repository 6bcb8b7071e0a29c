"""Gradio is imported without making stub files for editors, and its components are whole."""

import subprocess
import sys

CODE = """
import sys
from pathlib import Path
written = []
write_text = Path.write_text
Path.write_text = lambda path, *more, **options: (written.append(path), write_text(path, *more, **options))[1]
from assistant.web import no_stubs
assert "gradio" not in sys.modules, "the hook came too late"
no_stubs.leave_out_stubs()  # asked twice
import gradio
from gradio import component_meta
assert component_meta.create_or_modify_pyi.__module__ == no_stubs.__name__
assert not written, written
class Own(gradio.HTML):  # a component of one's own, whose events come of the same metaclass
    EVENTS = ["change", "close"]
with gradio.Blocks() as page:
    box = gradio.Textbox()
    box.submit(str.upper, box, box)
    Own().close(str, None, box)
assert [one["targets"][0][1] for one in page.config["dependencies"]] == ["submit", "close"]
assert not [one for one in sys.meta_path if type(one).__module__ == no_stubs.__name__]
print("whole")
"""


def test_no_stub_is_made_and_components_have_their_events():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("whole", 0), done.stderr
