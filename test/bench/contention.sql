/*
 * Contracts whose window has closed, for the sweep that goes on beside, and 641 with
 * an open request for the clients.  Variables: due, first.
 */
SET synchronous_commit = off;

CREATE PROCEDURE open_request(id bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client-1', 'freelancer-1', 'USD');
	PERFORM refund.add_milestone(id, 'client-1', 1, 'Design', '500.00 USD');
	PERFORM refund.fund(id, 'client-1', 1, '300.00 USD', 'card:4242', 'pi_1');
	PERFORM refund.end_contract(id, 'client-1');
END
$$;

CALL open_request(1);
SET session_replication_role = replica;
CALL copy_contracts(1, 1, 1, 1, :due, '-8 days', '0');
RESET session_replication_role;

CREATE PROCEDURE open_requests(first bigint, last bigint)
LANGUAGE plpgsql AS $$
BEGIN
	FOR id IN first .. last LOOP
		CALL open_request(id);
	END LOOP;
END
$$;
CALL open_requests(:first, :first + 640);

CREATE TABLE plain (id integer PRIMARY KEY, n integer NOT NULL) WITH (fillfactor = 50);
INSERT INTO plain SELECT id, 0 FROM generate_series(1, 640) id;
