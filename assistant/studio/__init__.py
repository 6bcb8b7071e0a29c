"""What trainers do: edit the examples, see what they do at once, label messages from the inbox, weigh each example.

inbox.py keeps the messages worth labelling. Nothing here draws: the studio's pages are in assistant/web.
"""
