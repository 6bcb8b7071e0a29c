"""What whoever runs a shop needs beside the server: backups, what is kept of a person and for how long, house-keeping.

archive.py is the form of a backup, backup.py and restore.py write and read it; command.py is their command line.
"""
