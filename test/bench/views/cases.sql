/*
 * Many finished cases: 480 templates are made through the verbs, under test clocks,
 * so that their stages take hours and days, and 24 more, of which some stay open; then
 * they are copied (copies.sql), for reading only.
 *
 * Contract id 504 k + n is copy k of template n; n of 1 to 480 is finished.
 * Variable: copies.
 */
SET synchronous_commit = off;
SET client_min_messages = warning;

CREATE PROCEDURE make_template(id bigint, way integer, part integer, is_open boolean)
LANGUAGE plpgsql AS $$
DECLARE
	clock text := 'case ' || id;
	pause interval := (id * 37 % 41 + 1) * interval '1 hour';
	client text := 'client-' || id;
	freelancer text := 'freelancer-' || id;
	mediator text := 'mediator-' || id % 20;
	cur text := (ARRAY['USD', 'EUR', 'GBP'])[1 + id % 3];
	claim integer := 100 + id * 7 % 180;
BEGIN
	PERFORM refund.create_test_clock(clock, CASE WHEN is_open AND way = 0 THEN now() - interval '5 days'
		ELSE date_trunc('week', now()) - interval '98 days' + id * interval '1 hour' END);
	PERFORM refund.create_contract(id, client, freelancer, cur::refund.currency, test_clock => clock);
	PERFORM refund.add_milestone(id, client, 1, 'Website', ('500 ' || cur)::refund.amount);
	PERFORM refund.fund(id, client, 1, ('300 ' || cur)::refund.amount, source => 'card');
	PERFORM refund.fund(id, client, 1, ('200 ' || cur)::refund.amount, source => 'balance');
	PERFORM refund.end_contract(id, client, ('200 ' || cur)::refund.amount);
	IF id % 50 = 7 THEN
		PERFORM refund.advance_test_clock(clock, '1 hour'), refund.place_hold(id, 'olga', 'legal', 'A court asks.');
		PERFORM refund.advance_test_clock(clock, pause), refund.lift_hold(id, 'olga', 1, 'The court has answered.');
	END IF;
	PERFORM refund.advance_test_clock(clock, pause);
	CASE way
		WHEN 0 THEN
			IF is_open THEN
				RETURN;
			END IF;
			PERFORM refund.approve_refund(id, freelancer);
		WHEN 1 THEN
			PERFORM refund.advance_test_clock(clock, '8 days');
		ELSE
			PERFORM refund.dispute_refund(id, freelancer, (claim || ' ' || cur)::refund.amount, 'It was delivered.');
	END CASE;
	IF way < 2 OR (way = 2 AND is_open) THEN
		RETURN;
	END IF;
	PERFORM refund.advance_test_clock(clock, pause * 1.5);
	CASE way
		WHEN 2 THEN
			PERFORM refund.accept_dispute(id, client);
		WHEN 3 THEN
			PERFORM refund.advance_test_clock(clock, '6 days');
		WHEN 4 THEN
			PERFORM refund.offer_settlement(id, freelancer, ('90 ' || cur)::refund.amount);
			PERFORM refund.accept_settlement(id, client, 1);
		ELSE
			PERFORM refund.decline_dispute(id, client, 'It was not.'), refund.assign_case(id, 'olga', mediator);
	END CASE;
	IF way < 5 THEN
		RETURN;
	END IF;
	PERFORM refund.advance_test_clock(clock, pause * 2.5);
	CASE way
		WHEN 5 THEN
			PERFORM refund.withdraw_dispute(id, freelancer);
		WHEN 6 THEN
			/* the mediator says nothing: past the target, or past the limit and all that follows */
			PERFORM refund.advance_test_clock(clock, CASE WHEN is_open THEN '5 days' ELSE '45 days' END::interval);
		ELSE
			PERFORM refund.propose_resolution(id, mediator, (round(claim * part / 4.0, 2) || ' ' || cur)::refund.amount, 'A part of it was.');
	END CASE;
	IF way < 7 OR (way = 7 AND is_open) THEN
		RETURN;
	END IF;
	PERFORM refund.advance_test_clock(clock, '5 hours');
	PERFORM refund.accept_resolution(id, freelancer);
	CASE way
		WHEN 7, 8 THEN
			PERFORM refund.accept_resolution(id, client);
		WHEN 9 THEN
			PERFORM refund.advance_test_clock(clock, '10 days');
		ELSE
			PERFORM refund.reject_resolution(id, client), refund.join_arbitration(id, freelancer, 'balance');
	END CASE;
	IF way < 10 THEN
		RETURN;
	END IF;
	IF way = 10 THEN
		PERFORM refund.advance_test_clock(clock, '8 days');
		RETURN;
	END IF;
	PERFORM refund.join_arbitration(id, client, 'card');
	PERFORM refund.advance_test_clock(clock, CASE WHEN is_open THEN 40 ELSE id % 60 END * interval '1 day');
	IF NOT is_open THEN
		PERFORM refund.record_award(id, 'arbitrator-' || id % 5, (round(claim * 3 / 5.0, 2) || ' ' || cur)::refund.amount, 'Most of it was.');
	END IF;
END
$$;

DO $$
DECLARE
	p record;
BEGIN
	FOR id IN 1 .. 504 LOOP
		CALL make_template(id, id % 12, 1 + id / 12 % 3, id > 480);
		IF id % 25 <> 0 THEN
			FOR p IN SELECT * FROM refund.refund_payment f WHERE f.contract_id = id LOOP
				PERFORM refund.report_refund_payment(id, 'worker', p.payment_no, 'succeeded', 're_' || p.payment_no);
			END LOOP;
		END IF;
	END LOOP;
END
$$;

/* no triggers: the templates have passed them */
SET session_replication_role = replica;
CALL copy_contracts(1, 504, 504, 1, :copies, '0', '1 minute');
RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
