-- A row is written before its request is sent, with the status `unknown`, and settled when its
-- answer has ended. Until then `reservation` is what covers its cost; NULL without a daily cap.
ALTER TABLE ledger ADD COLUMN reservation INTEGER;
CREATE INDEX ledger_by_reservation ON ledger (reservation) WHERE reservation IS NOT NULL;

-- Covers what a profile spent since a moment, without what a reservation covers.
DROP INDEX ledger_by_profile;
CREATE INDEX ledger_by_profile ON ledger (profile, at, reservation, counted_usd);

-- Reservations from before have no row that was written before their request.
INSERT INTO ledger (at, profile, provider, requested_model, status, may_have_cost, cost_source,
  counted_usd, reservation)
SELECT made_at, profile, provider, model, 'unknown', 1, 'unknown', usd, id FROM reservations;
