"""What staff do with conversations: find them, read them, note and settle them, take them over.

facts.py keeps a row of facts per conversation up to date; queue.py finds; transcript.py reads; work.py and takeover.py
change. Nothing here draws: the desk's pages are in assistant/web.
"""
