"""The ways in over HTTP: Rasa's REST shapes (channels.py) and the Gradio chat (chat.py), put together in app.py."""

from assistant.web.no_stubs import leave_out_stubs

leave_out_stubs()  # before any module of this package imports Gradio
