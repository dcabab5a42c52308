-- What the tests of a dispute share: the worked example of process.md §10, carried on
-- step by step.  After refused.sql.

-- 500.00 in escrow, 300.00 from a card and 200.00 from a bank
CREATE FUNCTION pg_temp.contract(id bigint, clock text, agency text DEFAULT NULL, policy text DEFAULT 'standard',
	currency text DEFAULT 'USD') RETURNS refund.contract_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', currency::refund.currency, agency => agency, policy => policy, test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'design', format('300 %s', currency)::refund.amount);
	PERFORM refund.add_milestone(id, 'client', 2, 'build', format('200 %s', currency)::refund.amount);
	PERFORM refund.fund(id, 'client', 1, format('300 %s', currency)::refund.amount, 'card');
	PERFORM refund.fund(id, 'client', 2, format('200 %s', currency)::refund.amount, 'bank');
	RETURN (SELECT state FROM refund.contract_status WHERE contract_id = id);
END $$;

-- the client pays 200.00 and ends it: 300.00 are at stake
CREATE FUNCTION pg_temp.ended(id bigint, clock text, agency text DEFAULT NULL, policy text DEFAULT 'standard',
	currency text DEFAULT 'USD') RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.contract(id, clock, agency, policy, currency);
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client', format('200 %s', currency)::refund.amount));
END $$;

-- the steps of the example: %1$s is the contract, %2$s its currency
CREATE TEMP TABLE step (name text PRIMARY KEY, verb text NOT NULL);
INSERT INTO step VALUES
	('approve', $$approve_refund(%1$s, 'freelancer')$$),
	('dispute', $$dispute_refund(%1$s, 'freelancer', '250 %2$s', 'It was delivered.')$$),
	('concede', $$accept_dispute(%1$s, 'client')$$),
	('decline', $$decline_dispute(%1$s, 'client', 'It was not.')$$),
	('pay', $$pay_in_full(%1$s, 'client')$$),
	('withdraw', $$withdraw_dispute(%1$s, 'freelancer')$$),
	('propose', $$propose_resolution(%1$s, 'mediator', '150 %2$s', 'Half of it was.')$$),
	('client accepts', $$accept_resolution(%1$s, 'client')$$),
	('freelancer accepts', $$accept_resolution(%1$s, 'freelancer')$$),
	('client rejects', $$reject_resolution(%1$s, 'client')$$),
	('freelancer rejects', $$reject_resolution(%1$s, 'freelancer', 'Too little.')$$),
	('client joins', $$join_arbitration(%1$s, 'client', 'client card')$$),
	('freelancer joins', $$join_arbitration(%1$s, 'freelancer', 'freelancer card')$$),
	('award', $$record_award(%1$s, 'arbitrator', '180 %2$s', 'Most of it was.')$$),
	('client offers', $$offer_settlement(%1$s, 'client', '220 %2$s')$$),
	('freelancer offers', $$offer_settlement(%1$s, 'freelancer', '220 %2$s')$$),
	('client agrees', $$accept_settlement(%1$s, 'client', 1)$$),
	('freelancer agrees', $$accept_settlement(%1$s, 'freelancer', 1)$$);

-- Take steps; '+5 days' moves the contract's clock with the job running, '~5 days'
-- with the job down.  The state that they lead to, and what a verb said that its view
-- does not.
CREATE FUNCTION pg_temp.walk(id bigint, VARIADIC steps text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	one text;
	answer text;
	complaints text := '';
	clock text;
	code text;
BEGIN
	SELECT c.test_clock, c.currency::text INTO STRICT clock, code FROM refund.contract c WHERE contract_id = id;
	FOREACH one IN ARRAY steps LOOP
		IF one LIKE '+%' OR one LIKE '~%' THEN
			PERFORM refund.advance_test_clock(clock, substr(one, 2)::interval, one LIKE '+%');
			CONTINUE;
		END IF;
		SELECT pg_temp.call(format(s.verb, id, code)) INTO STRICT answer FROM step s WHERE s.name = one;
		IF answer LIKE '% BUT THE VIEW SAYS %' THEN
			complaints := complaints || ' ' || answer;
		END IF;
	END LOOP;
	RETURN (SELECT state || complaints FROM refund.refund_request_status WHERE contract_id = id);
END $$;

-- the shortest way from the start to each open state
CREATE TEMP TABLE way (state refund.request_state PRIMARY KEY, steps text[] NOT NULL);
INSERT INTO way VALUES
	('requested', '{}'),
	('disputed', '{dispute}'),
	('in_review', '{dispute,decline}'),
	('proposed', '{dispute,decline,propose}'),
	('unresolved', '{dispute,decline,propose,client rejects}'),
	('in_arbitration', '{dispute,decline,propose,client rejects,client joins,freelancer joins}');

-- A request that is settled: outcome, split, what its event paid the freelancer, and what
-- goes back to the sources of the deposits.  The last two must be the split.
CREATE FUNCTION pg_temp.settled(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws('|', r.outcome, r.to_freelancer, r.to_client,
		(SELECT coalesce(sum(t.amount::numeric), 0 * r.at_stake) FROM refund.transfer t
			WHERE t.contract_id = id AND t.event_no = e.event_no AND t.debit = 'escrow' AND t.credit = 'freelancer'),
		(SELECT coalesce(sum(p.amount), 0 * r.at_stake) FROM refund.refund_payment_status p
			WHERE p.contract_id = id AND p.purpose = 'settlement'))
	FROM refund.refund_request_status r
	JOIN refund.case_timeline e ON e.contract_id = r.contract_id AND e.outcome IS NOT NULL
	WHERE r.contract_id = id
$$;
