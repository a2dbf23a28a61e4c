-- Which tools run without a question, and every call of a tool.

CREATE TABLE approvals (
  -- The name of the tool as it is sent to models.
  tool       TEXT PRIMARY KEY,
  -- The name of its server; NULL for a command.
  server     TEXT,
  -- SHA-256 of the definition.
  sha256     TEXT NOT NULL,
  -- What was approved: server, name, description, parameters and annotations as canonical JSON.
  definition TEXT NOT NULL,
  -- `always`: a person said so. `config`: config.yml allowed the tool when it was first called.
  kind       TEXT NOT NULL CHECK (kind IN ('always', 'config')),
  -- Nanoseconds since 1970-01-01 UTC.
  since      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_log (
  id               INTEGER PRIMARY KEY,
  -- Nanoseconds since 1970-01-01 UTC.
  at               INTEGER NOT NULL,
  server           TEXT,
  tool             TEXT NOT NULL,
  -- Of the arguments as canonical JSON.
  arguments_sha256 TEXT NOT NULL,
  decision         TEXT NOT NULL CHECK (decision IN ('allowed', 'denied')),
  decided_by       TEXT NOT NULL,
  -- The rest is written when the call has ended; NULL where it did not, or did not run.
  ms               INTEGER,
  bytes            INTEGER,
  error            TEXT
) STRICT;

-- Rows are added, and the end of a call is added to its row once; nothing else changes.
CREATE TRIGGER tool_log_keeps_rows BEFORE DELETE ON tool_log
BEGIN SELECT RAISE(ABORT, 'the log of tool calls is append-only'); END;
CREATE TRIGGER tool_log_keeps_values BEFORE UPDATE ON tool_log
WHEN OLD.ms IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at
  OR NEW.server IS NOT OLD.server OR NEW.tool IS NOT OLD.tool
  OR NEW.arguments_sha256 IS NOT OLD.arguments_sha256 OR NEW.decision IS NOT OLD.decision
  OR NEW.decided_by IS NOT OLD.decided_by
BEGIN SELECT RAISE(ABORT, 'the log of tool calls is append-only'); END;
