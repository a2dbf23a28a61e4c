-- The long texts of questions in pieces, so that SQLite never holds one as a whole: it copies what
-- it is given, and copies that again into its record. `parts` of `contents` has their lengths.
CREATE TABLE pieces (
  turn  INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
  -- The index of the part in the question, and of the piece in the part; both from 0.
  part  INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  data  TEXT NOT NULL,
  PRIMARY KEY (turn, part, piece)
) STRICT;
