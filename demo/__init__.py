"""What `make run` adds to the portal: a database, partners' providers and a Cognito of its own.

Nothing here is imported by an app, and nothing here belongs into production.
"""
