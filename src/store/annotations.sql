-- What a router parsed of the files in a question: JSON, to be sent back to it; NULL where there is none.
ALTER TABLE contents ADD COLUMN annotations TEXT;
