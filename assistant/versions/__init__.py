"""The versions of the model: trained as a job, compared with the live one, replayed, promoted and rolled back.

registry.py   which versions there are, and which is live           jobs.py, running.py   work in the background
training.py   a candidate from the content as it is now             live.py               the server follows the pointer
report.py     candidate against live (compare.py is its pure part)  replay.py             real conversations, read again
models.py     all of it for staff, with rights and the audit log    command.py            `aisle model`"""
