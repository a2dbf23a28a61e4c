-- The answers with tool calls of a turn before its last text, each with the results of its calls:
-- JSON, in order from 0.
CREATE TABLE steps (
  turn   INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  data   TEXT NOT NULL,
  PRIMARY KEY (turn, number)
) STRICT;
