-- The client key of a request that came in by `amx serve`; NULL for the requests of this program.
ALTER TABLE ledger ADD COLUMN client TEXT;
CREATE INDEX ledger_by_client ON ledger (client, at, counted_usd) WHERE client IS NOT NULL;
