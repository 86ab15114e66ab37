"""One Django app in strata; a module imports only from floors below its own.

 0  errors, conf            the exception family; the only reader of settings
 1  schema, imaging         parameter schemas; image bytes (both pure)
 2  models, providers       what we remember; who draws (strangers to each other)
 3  permissions, storage    roles to verbs; files
 4  queries, pipeline       reads that compose; what becomes of a queued generation
 5  tasks                   Celery entrances
 6  services                what a person asks for
 7  access, health, checks  what she may see; probes; start-up checks
 8  forms                   a Django form grown from the schema
 9  views, management, templatetags   edges
10  urls, apps

tests/test_architecture.py enforces this list; docs/architecture.md explains it.
"""
