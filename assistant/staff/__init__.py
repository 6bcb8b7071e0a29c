"""The people behind the shop: who they are, how they sign in, what each may do, and what each did.

people.py keeps them, signing_in.py opens and ends their sessions, access.py says what a role may do, audit.py keeps
what was done.
"""
