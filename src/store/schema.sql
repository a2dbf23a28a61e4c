-- Conversations. What a list needs stands in narrow tables; what is long stands in `contents`.
-- Times are nanoseconds since 1970-01-01 UTC, durations nanoseconds, costs USD.

CREATE TABLE sessions (
  -- Never given twice, so that an id in a script cannot mean another session later.
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT UNIQUE,
  title      TEXT NOT NULL,
  -- JSON, as the conversation gave it.
  settings   TEXT NOT NULL,
  -- The last turn of the current branch; NULL before the first.
  head       INTEGER REFERENCES turns (id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_time ON sessions (updated_at, id);
CREATE INDEX sessions_by_head ON sessions (head);

CREATE TABLE turns (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  session           INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  -- The turn that it follows; NULL for a first one.
  parent            INTEGER REFERENCES turns (id),
  -- Turns from the first to this one; 1 for a first one.
  depth             INTEGER NOT NULL,
  -- A name for the branch that goes through here.
  label             TEXT,
  asked_at          INTEGER NOT NULL,
  state             TEXT NOT NULL,
  profile           TEXT NOT NULL,
  provider          TEXT NOT NULL,
  requested_model   TEXT NOT NULL,
  model             TEXT,
  served_by         TEXT,
  generation_id     TEXT,
  finish_reason     TEXT,
  -- All five are NULL when the provider sent no usage.
  prompt_tokens     INTEGER,
  completion_tokens INTEGER,
  reasoning_tokens  INTEGER,
  cached_tokens     INTEGER,
  total_tokens      INTEGER,
  cost_usd          REAL,
  cost_source       TEXT NOT NULL,
  first_token       INTEGER,
  total             INTEGER NOT NULL,
  error             TEXT
) STRICT;
-- Covers the totals of a list.
CREATE INDEX turns_by_session ON turns (session, cost_usd, cost_source);
CREATE INDEX turns_by_parent ON turns (parent);

CREATE TABLE contents (
  turn              INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
  -- The text of the question, without what was attached.
  question          TEXT NOT NULL,
  -- All parts of the question as JSON; NULL when it is that one text.
  parts             TEXT,
  system            TEXT,
  answer            TEXT NOT NULL,
  reasoning         TEXT NOT NULL,
  -- JSON, to be sent back unchanged; NULL when the model sent none.
  reasoning_details TEXT,
  -- Stands for this turn and all before it when messages are built.
  summary           TEXT
) STRICT;

-- The answer of a turn as far as it has come, until the turn is over. Apart from `contents`, so
-- that writing it every second does not build the index anew every second.
CREATE TABLE drafts (
  turn      INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
  answer    TEXT NOT NULL,
  reasoning TEXT NOT NULL
) STRICT;

-- Three letters at a time: finds parts of words, and words of languages that put no spaces between them.
CREATE VIRTUAL TABLE contents_index USING fts5 (
  question, answer, content = 'contents', content_rowid = 'turn', tokenize = 'trigram'
);

CREATE TRIGGER contents_added AFTER INSERT ON contents BEGIN
  INSERT INTO contents_index (rowid, question, answer) VALUES (new.turn, new.question, new.answer);
END;
CREATE TRIGGER contents_changed AFTER UPDATE OF question, answer ON contents BEGIN
  INSERT INTO contents_index (contents_index, rowid, question, answer) VALUES ('delete', old.turn, old.question, old.answer);
  INSERT INTO contents_index (rowid, question, answer) VALUES (new.turn, new.question, new.answer);
END;
CREATE TRIGGER contents_removed AFTER DELETE ON contents BEGIN
  INSERT INTO contents_index (contents_index, rowid, question, answer) VALUES ('delete', old.turn, old.question, old.answer);
END;
