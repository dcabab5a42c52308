-- U07: DROP EXTENSION and DROP OWNED are refused while there are live contracts, unless
-- refund.allow_drop is on.  Ids such as U07 are lines of the catalogue of bad inputs and
-- faults.  Contracts 9300 to 9309.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.code(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE statement;
	SELECT count(*) INTO n FROM pg_extension WHERE extname = 'refund';
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = CASE n WHEN 0 THEN 'dropped' ELSE 'passed' END;
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN 'TE000' THEN SQLERRM ELSE SQLSTATE END;
END $$;
CREATE ROLE regress_refund_owner SUPERUSER;
CREATE ROLE regress_refund_other;
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL refund.allow_drop = on;
DROP EXTENSION refund CASCADE;
SET ROLE regress_refund_owner;
CREATE EXTENSION refund;
RESET ROLE;
RESET refund.allow_drop;
-- without a contract nothing is lost
SELECT pg_temp.code('DROP EXTENSION refund');
-- nor with one under a test clock
SELECT name FROM refund.create_test_clock('drop', '2026-03-02 09:00+00');
SELECT state FROM refund.create_contract(9300, 'client', 'freelancer', 'USD', test_clock => 'drop');
SELECT pg_temp.code('DROP EXTENSION refund');
-- a live one, in every way
SELECT state FROM refund.create_contract(9301, 'client', 'freelancer', 'USD');
SELECT statement, pg_temp.code(statement) FROM unnest(ARRAY['DROP EXTENSION refund', 'DROP EXTENSION refund CASCADE', 'DROP EXTENSION IF EXISTS plpgsql, refund', 'DROP OWNED BY regress_refund_owner',
	'DROP OWNED BY regress_refund_other, regress_refund_owner CASCADE', 'SET ROLE regress_refund_owner; DROP OWNED BY CURRENT_USER', 'DROP SCHEMA refund CASCADE', 'DROP EVENT TRIGGER refund_guard_drop', 'DROP FUNCTION refund.guard_drop() CASCADE',
	'SET refund.allow_drop = off; DROP EXTENSION refund',
	-- what has nothing to do with it
	'DROP OWNED BY regress_refund_other', 'DROP EXTENSION IF EXISTS no_such_extension', 'DROP EXTENSION no_such_extension', 'DROP OWNED BY no_such_role']) statement;
-- who asks for it gets it
SELECT statement, pg_temp.code(statement) FROM unnest(ARRAY['SET refund.allow_drop = on; DROP EXTENSION refund', 'SET refund.allow_drop = on; DROP OWNED BY regress_refund_owner']) statement;
-- nobody else may ask, or learns whether there are contracts
SELECT statement, pg_temp.code('SET ROLE regress_refund_other; ' || statement) FROM unnest(ARRAY['SET refund.allow_drop = on', 'ALTER ROLE regress_refund_other SET refund.allow_drop = on', 'DROP EXTENSION refund', 'DROP OWNED BY regress_refund_owner']) statement;
-- A09: not to be called
SELECT refund.guard_drop();
ROLLBACK;
DROP ROLE regress_refund_owner;
DROP ROLE regress_refund_other;

-- what the refusal says
BEGIN;
SELECT state FROM refund.create_contract(9301, 'client', 'freelancer', 'USD');
\set VERBOSITY terse
DROP EXTENSION refund;
ROLLBACK;
