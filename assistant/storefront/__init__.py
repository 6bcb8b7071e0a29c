"""The demo shop at `/`: pages drawn from the store's database, whatever shop is in it, with the widget on each.

`pages.py` has the routes, `shelves.py` reads what they show, `sign_in.py` lets a visitor be a demo customer.
"""
