-- The log destinations of the account that were listed last: names for completion, no secrets.

CREATE TABLE log_destinations (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- The type in the API, such as langfuse.
  kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;
