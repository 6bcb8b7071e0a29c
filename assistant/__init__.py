"""How is it served? The SQL store, search, actions, model engines, web app, command line and settings."""
