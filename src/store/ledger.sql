-- What was sent and what it cost: a row for each request that reached a provider, whatever came of it.
-- Times are nanoseconds since 1970-01-01 UTC, costs USD. No text of a conversation stands here, and
-- deleting a session leaves its rows: what was spent stays spent.

CREATE TABLE ledger (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  -- When the request left.
  at                INTEGER NOT NULL,
  profile           TEXT NOT NULL,
  provider          TEXT NOT NULL,
  requested_model   TEXT NOT NULL,
  model             TEXT,
  served_by         TEXT,
  generation_id     TEXT,
  -- `ok`, an HTTP status, or a word such as `cut`.
  status            TEXT NOT NULL,
  -- 0 when the provider refused the request.
  may_have_cost     INTEGER NOT NULL,
  -- All five are NULL when the provider sent no usage.
  prompt_tokens     INTEGER,
  completion_tokens INTEGER,
  reasoning_tokens  INTEGER,
  cached_tokens     INTEGER,
  total_tokens      INTEGER,
  cost_usd          REAL,
  cost_source       TEXT NOT NULL,
  -- What it counts against a cap: its cost, or the worst case while that is unknown.
  counted_usd       REAL,
  session           INTEGER,
  turn              INTEGER
) STRICT;
CREATE INDEX ledger_by_time ON ledger (at);
-- Covers what a profile spent since a moment.
CREATE INDEX ledger_by_profile ON ledger (profile, at, counted_usd);

-- What answers that are under way may cost at most. Settled in the transaction that writes their rows.
CREATE TABLE reservations (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  profile    TEXT NOT NULL,
  provider   TEXT NOT NULL,
  model      TEXT NOT NULL,
  usd        REAL NOT NULL,
  made_at    INTEGER NOT NULL,
  -- Its process has ended by then, one way or the other.
  expires_at INTEGER NOT NULL
) STRICT;
