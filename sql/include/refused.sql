-- What the tests of the verbs share: how a call is refused, and what it returns.

-- A digest of every row of every table of the schema.
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name regclass;
	part text;
	result text := '';
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
		EXECUTE format('SELECT md5(string_agg(t::text, ''/'' ORDER BY t::text)) FROM %s t', name) INTO part;
		result := result || name || coalesce(part, '');
	END LOOP;
	RETURN md5(result);
END $$;

-- What a statement is refused with: SQLSTATE, message, facts, hint; that the
-- facts are JSON and that no row changed.  Never a C file or line.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'NOT REFUSED: ' || statement;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	IF SQLSTATE LIKE 'RF%' AND detail <> '' THEN
		PERFORM detail::jsonb;
	END IF;
	IF pg_temp.digest() <> before THEN
		message := 'ROWS CHANGED ' || message;
	END IF;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- Call a verb: its row, which must be the row of its view.
CREATE FUNCTION pg_temp.call(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	facts jsonb;
	view regtype;
	again text;
BEGIN
	EXECUTE format('SELECT r::text, to_jsonb(r), pg_typeof(r) FROM refund.%s r', verb) INTO STRICT answer, facts, view;
	EXECUTE format('SELECT v::text FROM %s v WHERE contract_id = $1', view)
		|| CASE view::text WHEN 'refund.milestone_status' THEN ' AND milestone_no = $2'
			WHEN 'refund.deposit_status' THEN ' AND deposit_no = $3'
			WHEN 'refund.refund_payment_status' THEN ' AND payment_no = $4'
			WHEN 'refund.evidence_index' THEN ' AND evidence_no = $5'
			WHEN 'refund.hold_status' THEN ' AND hold_no = $6' ELSE '' END
		INTO STRICT again
		USING (facts->>'contract_id')::bigint, (facts->>'milestone_no')::integer, (facts->>'deposit_no')::integer,
			(facts->>'payment_no')::integer, (facts->>'evidence_no')::integer, (facts->>'hold_no')::integer;
	RETURN answer || CASE WHEN answer = again THEN '' ELSE ' BUT THE VIEW SAYS ' || again END;
END $$;
