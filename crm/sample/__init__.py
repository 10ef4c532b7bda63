"""A sample company, built by the services themselves, to try everything on."""
