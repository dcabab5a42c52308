-- To be included once: the worked example's paths with the split that each must
-- end with, and the steps that they share.  Each has a test clock of its own.
\set ECHO none
CREATE SCHEMA demo;

CREATE TABLE demo.path (contract_id bigint PRIMARY KEY, path text, to_freelancer numeric, to_client numeric);
INSERT INTO demo.path VALUES
	(10, 'disputed and arbitrated: award 180', 180.00, 120.00),
	(11, 'approved', 0.00, 300.00),
	(12, '7 days of silence', 0.00, 300.00),
	(13, 'disputed 250, the client accepts', 250.00, 50.00),
	(14, 'disputed 250, 5 days of silence', 250.00, 50.00),
	(15, 'resolution 150, both accept', 150.00, 150.00),
	(16, 'resolution rejected, nobody joins', 0.00, 300.00),
	(17, 'resolution rejected, only the freelancer joins', 250.00, 50.00),
	(18, 'resolution rejected, only the client joins', 0.00, 300.00),
	(19, 'mutual settlement at 220, as requested', 220.00, 80.00),
	(20, 'mutual settlement at 220, in arbitration', 220.00, 80.00),
	(21, 'the freelancer withdraws the dispute', 0.00, 300.00),
	(22, 'the client pays in full', 300.00, 0.00);

CREATE FUNCTION demo.ended(id bigint) RETURNS refund.request_state LANGUAGE sql AS $$
	SELECT refund.create_test_clock('path ' || id, '2026-03-02 09:00+00');
	SELECT refund.create_contract(id, client => 'carol', freelancer => 'fred', currency => 'USD', test_clock => 'path ' || id);
	SELECT refund.add_milestone(id, 'carol', 1, 'Website', '500.00 USD');
	SELECT refund.fund(id, 'carol', 1, '300.00 USD', source => 'card');
	SELECT refund.fund(id, 'carol', 1, '200.00 USD', source => 'bank');
	SELECT request_state FROM refund.end_contract(id, 'carol', final_payment => '200.00 USD')
$$;

CREATE FUNCTION demo.disputed(id bigint) RETURNS refund.request_state LANGUAGE sql AS $$
	SELECT demo.ended(id);
	SELECT state FROM refund.dispute_refund(id, 'fred', '250.00 USD', reason => 'All but the last page is delivered.')
$$;

CREATE FUNCTION demo.proposed(id bigint) RETURNS refund.request_state LANGUAGE sql AS $$
	SELECT demo.disputed(id);
	SELECT refund.decline_dispute(id, 'carol', statement => 'Half of the pages do not work.');
	SELECT state FROM refund.propose_resolution(id, 'mia', to_freelancer => '150.00 USD', rationale => 'Half of it works.')
$$;

CREATE FUNCTION demo.unresolved(id bigint) RETURNS refund.request_state LANGUAGE sql AS $$
	SELECT demo.proposed(id);
	SELECT state FROM refund.reject_resolution(id, 'carol')
$$;
\set ECHO queries
