/* Contracts to move money of, with their accounts.  Variables: first, contracts. */
SET synchronous_commit = off;
SELECT count(refund.create_contract(id, 'client-1', 'freelancer-1', 'USD')) FROM generate_series(:first + 1, :first + :contracts) id;
SELECT count(refund.add_milestone(id, 'client-1', 1, 'Design', '500.00 USD')) FROM generate_series(:first + 1, :first + :contracts) id;
INSERT INTO ledger.account (account_id, kind, currency)
SELECT 4 * id + k.n, k.kind, 'USD'
FROM generate_series(:first + 1, :first + :contracts) id,
	(VALUES (0, 'source'), (1, 'escrow'), (2, 'freelancer'), (3, 'refund_payable')) k (n, kind);
