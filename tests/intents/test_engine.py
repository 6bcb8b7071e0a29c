"""What can be asked of a completion."""

from intents.engine import Completion

WRITTEN = Completion(
    "ab(); cd()", (-1.0, -2.0, -4.0, -8.0, -16.0), True, (2, 5, 8, 10, 10)
)  # "ab" "();" " cd" "()" end


def test_the_probability_of_the_text_up_to_a_mark():
    assert WRITTEN.logprob_until("(") == -3.0
    assert WRITTEN.logprob_until("c") == -7.0
    assert WRITTEN.logprob_until("?") == sum(WRITTEN.logprobs)
