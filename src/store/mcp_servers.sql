-- What MCP servers listed when they last ran: a cache, by the SHA-256 of what each server is.

CREATE TABLE mcp_servers (
  id        INTEGER PRIMARY KEY,
  identity  TEXT NOT NULL UNIQUE,
  -- The revision of the protocol that it speaks.
  revision  TEXT NOT NULL,
  -- Nanoseconds since 1970-01-01 UTC.
  listed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE mcp_tools (
  server      INTEGER NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
  -- The order of the server's list.
  position    INTEGER NOT NULL,
  -- JSON: name, description, parameters, annotations.
  declaration TEXT NOT NULL,
  PRIMARY KEY (server, position)
) STRICT, WITHOUT ROWID;
