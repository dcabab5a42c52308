/* The schema is made here, so that one that somebody else made is never adopted. */
\echo Use "CREATE EXTENSION refund" to load this file. \quit

CREATE SCHEMA refund;
COMMENT ON SCHEMA refund IS
	'Escrow, refunds and disputes of fixed-price contracts, run inside the database';
