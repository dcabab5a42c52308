/*
 * A textbook double-entry ledger: accounts with their balance, a row for each
 * transfer and two entries, both accounts locked in order of their number, a
 * reference that is good once.  It moves money and knows nothing of who may.
 */
CREATE SCHEMA ledger;

CREATE TABLE ledger.account (
	account_id bigint PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('source', 'escrow', 'freelancer', 'refund_payable')),
	currency char(3) NOT NULL,
	balance numeric(18,2) NOT NULL DEFAULT 0,
	CHECK (kind = 'source' OR balance >= 0)
) WITH (fillfactor = 80);

CREATE TABLE ledger.journal (
	journal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	reference text NOT NULL UNIQUE,
	recorded_at timestamptz NOT NULL
);

CREATE TABLE ledger.entry (
	journal_id bigint NOT NULL REFERENCES ledger.journal (journal_id),
	account_id bigint NOT NULL REFERENCES ledger.account (account_id),
	amount numeric(18,2) NOT NULL CHECK (amount <> 0),
	PRIMARY KEY (journal_id, account_id)
);
CREATE INDEX ON ledger.entry (account_id, journal_id);

CREATE FUNCTION ledger.transfer(from_account bigint, to_account bigint, amount numeric, currency text, kind text,
	reference text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	a ledger.account;
	new_id bigint;
BEGIN
	SELECT journal_id INTO new_id FROM ledger.journal j WHERE j.reference = transfer.reference;
	IF FOUND THEN
		RETURN new_id;
	END IF;
	IF amount <= 0 THEN
		RAISE EXCEPTION 'the amount is not positive';
	END IF;
	FOR a IN
		SELECT * FROM ledger.account t
		WHERE t.account_id IN (from_account, to_account)
		ORDER BY t.account_id
		FOR UPDATE
	LOOP
		IF a.currency <> transfer.currency THEN
			RAISE EXCEPTION 'account % is in %', a.account_id, a.currency;
		ELSIF a.account_id = from_account AND a.kind <> 'source' AND a.balance < amount THEN
			RAISE EXCEPTION 'account % has %', a.account_id, a.balance;
		END IF;
	END LOOP;
	INSERT INTO ledger.journal (kind, reference, recorded_at)
	VALUES (transfer.kind, transfer.reference, clock_timestamp())
	RETURNING journal_id INTO new_id;
	INSERT INTO ledger.entry (journal_id, account_id, amount)
	VALUES (new_id, from_account, -transfer.amount), (new_id, to_account, transfer.amount);
	UPDATE ledger.account t SET balance = t.balance - transfer.amount WHERE t.account_id = from_account;
	UPDATE ledger.account t SET balance = t.balance + transfer.amount WHERE t.account_id = to_account;
	RETURN new_id;
END
$$;

CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL);
