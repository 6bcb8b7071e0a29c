"""The ways in over HTTP: Rasa's REST shapes (channels.py) and the Gradio chat (chat.py), put together in app.py."""
