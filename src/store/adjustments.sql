-- What servers refused of what amx sends by itself: a cache that may be lost at any time.

CREATE TABLE adjustments (
  -- The base URL of the server, without a slash at its end.
  server     TEXT NOT NULL,
  model      TEXT NOT NULL,
  -- A field of the body, or a size.
  name       TEXT NOT NULL,
  -- What is sent instead; empty where nothing is.
  value      TEXT NOT NULL,
  -- Nanoseconds since 1970-01-01 UTC.
  learned_at INTEGER NOT NULL,
  PRIMARY KEY (server, model, name)
) STRICT, WITHOUT ROWID;
