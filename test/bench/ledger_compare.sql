/* Is the money where the other side has it?  Raises what is not so. */
DO $$
DECLARE
	differ bigint;
BEGIN
	SELECT count(*) INTO differ
	FROM refund.contract c
	LEFT JOIN ledger.account e ON e.account_id = 4 * c.contract_id + 1
	LEFT JOIN ledger.account f ON f.account_id = 4 * c.contract_id + 2
	LEFT JOIN ledger.account p ON p.account_id = 4 * c.contract_id + 3
	WHERE (c.held::numeric, c.released::numeric, c.in_transit::numeric) IS DISTINCT FROM (e.balance, f.balance, p.balance);
	IF differ > 0 THEN
		RAISE EXCEPTION '% contracts have other balances in the ledger', differ;
	END IF;
	IF (SELECT sum(amount) FROM ledger.entry) <> 0 THEN
		RAISE EXCEPTION 'the ledger does not balance';
	END IF;
END
$$;
