-- Lists of models as servers gave them: a cache that may be lost at any time.

CREATE TABLE catalogs (
  id        INTEGER PRIMARY KEY,
  -- The base URL of the server, without a slash at its end.
  server    TEXT NOT NULL UNIQUE,
  -- Nanoseconds since 1970-01-01 UTC.
  synced_at INTEGER NOT NULL
) STRICT;

CREATE TABLE models (
  catalog INTEGER NOT NULL REFERENCES catalogs (id) ON DELETE CASCADE,
  id      TEXT NOT NULL,
  -- Everything that is known of the model, as JSON.
  facts   TEXT NOT NULL,
  PRIMARY KEY (catalog, id)
) STRICT, WITHOUT ROWID;
