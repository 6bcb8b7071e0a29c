"""The demo shop, Harbour & Finch: its catalogue, customers and orders as data, and what builds a database from them."""
