-- Why MCP servers did not start when they were last needed, by the SHA-256 of what each server is.
-- A server that starts has no row.

CREATE TABLE mcp_failures (
  identity  TEXT PRIMARY KEY,
  -- In words, without secrets.
  why       TEXT NOT NULL,
  -- Nanoseconds since 1970-01-01 UTC.
  failed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
