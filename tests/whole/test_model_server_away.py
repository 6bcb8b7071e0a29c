"""A shopper's conversation while the model server is away: the example index reads, the written replies are said."""

from assistant.assembly import assemble
from assistant.engines import open_engine
from assistant.settings import Settings
from tests.whole.conftest import Chat

AWAY = Settings(engine="openai", openai_model="shipped", openai_url="http://127.0.0.1:9/v1", openai_retries=0)


def test_a_parcel_is_found_although_the_model_server_is_away(demo_shop):
    chat = Chat(assemble(AWAY, demo_shop, open_engine(AWAY)), "server-away")
    said = chat.says("where is my order #W4821093")
    assert [one.response for one in said] == ["utter_ask_identity"]
    said = chat.says("mia.lindqvist@example.com")
    assert said[-1].response != "utter_out_of_scope" and all(one.written_by == "written" for one in said)
