/*
 * The triggers.  They fire on UPDATE, DELETE and TRUNCATE only: a restore makes
 * nothing but INSERTs, and none of them writes.
 */

/* These two run no SQL, so they need neither an owner's rights nor a search_path. */
CREATE FUNCTION refund.check_contract() RETURNS trigger LANGUAGE c
AS 'MODULE_PATHNAME', 'refund_check_contract';
COMMENT ON FUNCTION refund.check_contract() IS
	'Refuses every change of a contract that is not one event of the transition table';

CREATE FUNCTION refund.audit_contract() RETURNS trigger LANGUAGE c
AS 'MODULE_PATHNAME', 'refund_audit_contract';
COMMENT ON FUNCTION refund.audit_contract() IS
	'At commit, proves from events and transfers that a changed contract''s balances and state follow from its history';

CREATE CONSTRAINT TRIGGER check_contract AFTER UPDATE ON refund.contract
	FOR EACH ROW EXECUTE FUNCTION refund.check_contract();
COMMENT ON TRIGGER check_contract ON refund.contract IS 'One event of the transition table a change';
CREATE CONSTRAINT TRIGGER audit_contract AFTER UPDATE ON refund.contract
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refund.audit_contract();
COMMENT ON TRIGGER audit_contract ON refund.contract IS 'The history explains every change';

CREATE TRIGGER guard_history BEFORE DELETE ON refund.contract
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.contract IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.contract
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.contract IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.event
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.event IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.event
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.event IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.transfer
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.transfer IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.transfer
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.transfer IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.milestone
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.milestone IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.milestone
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.milestone IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.deposit
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.deposit IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.deposit
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.deposit IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.refund_payment
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.refund_payment IS 'What was decided is append-only; its execution changes';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.refund_payment
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.refund_payment IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.statement
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.statement IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.statement
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.statement IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.evidence
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.evidence IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.evidence
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.evidence IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.evidence_body
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.evidence_body IS 'A body goes only by erase_evidence()';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.evidence_body
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.evidence_body IS 'History is append-only';
CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.arbitration_fee
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.arbitration_fee IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.arbitration_fee
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.arbitration_fee IS 'History is append-only';

CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.reversal
	FOR EACH ROW EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_history ON refund.reversal IS 'History is append-only';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.reversal
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_history();
COMMENT ON TRIGGER guard_truncate ON refund.reversal IS 'History is append-only';

CREATE TRIGGER guard_test_clock BEFORE DELETE ON refund.test_clock
	FOR EACH ROW EXECUTE FUNCTION refund.guard_test_clock();
COMMENT ON TRIGGER guard_test_clock ON refund.test_clock IS 'No contract outlives its clock';
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.test_clock
	FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_test_clock();
COMMENT ON TRIGGER guard_truncate ON refund.test_clock IS 'No contract outlives its clock';
