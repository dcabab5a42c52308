-- refund.amount: 8 bytes by value (src/amount.h)
CREATE TYPE refund.amount;

CREATE FUNCTION refund.amount_in(cstring) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_in';
COMMENT ON FUNCTION refund.amount_in(cstring) IS 'I/O';

CREATE FUNCTION refund.amount_out(refund.amount) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_out';
COMMENT ON FUNCTION refund.amount_out(refund.amount) IS 'I/O';

CREATE FUNCTION refund.amount_recv(internal) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_recv';
COMMENT ON FUNCTION refund.amount_recv(internal) IS 'I/O; refuses what text input refuses';

CREATE FUNCTION refund.amount_send(refund.amount) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_send';
COMMENT ON FUNCTION refund.amount_send(refund.amount) IS 'I/O';

CREATE TYPE refund.amount (
	INPUT = refund.amount_in,
	OUTPUT = refund.amount_out,
	RECEIVE = refund.amount_recv,
	SEND = refund.amount_send,
	LIKE = pg_catalog.int8
);
COMMENT ON TYPE refund.amount IS
	'Exact money: minor units and currency, written 125.00 USD';

CREATE FUNCTION refund.amount_eq(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_eq';
COMMENT ON FUNCTION refund.amount_eq(refund.amount, refund.amount) IS 'implementation of = operator';

CREATE FUNCTION refund.amount_ne(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_ne';
COMMENT ON FUNCTION refund.amount_ne(refund.amount, refund.amount) IS 'implementation of <> operator';

CREATE FUNCTION refund.amount_lt(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_lt';
COMMENT ON FUNCTION refund.amount_lt(refund.amount, refund.amount) IS 'implementation of < operator';

CREATE FUNCTION refund.amount_le(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_le';
COMMENT ON FUNCTION refund.amount_le(refund.amount, refund.amount) IS 'implementation of <= operator';

CREATE FUNCTION refund.amount_gt(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_gt';
COMMENT ON FUNCTION refund.amount_gt(refund.amount, refund.amount) IS 'implementation of > operator';

CREATE FUNCTION refund.amount_ge(refund.amount, refund.amount) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_ge';
COMMENT ON FUNCTION refund.amount_ge(refund.amount, refund.amount) IS 'implementation of >= operator';

CREATE OPERATOR refund.= (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_eq,
	COMMUTATOR = OPERATOR(refund.=), NEGATOR = OPERATOR(refund.<>),
	RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR refund.= (refund.amount, refund.amount) IS 'equal';

CREATE OPERATOR refund.<> (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_ne,
	COMMUTATOR = OPERATOR(refund.<>), NEGATOR = OPERATOR(refund.=),
	RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR refund.<> (refund.amount, refund.amount) IS 'not equal';

CREATE OPERATOR refund.< (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_lt,
	COMMUTATOR = OPERATOR(refund.>), NEGATOR = OPERATOR(refund.>=),
	RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR refund.< (refund.amount, refund.amount) IS 'less than';

CREATE OPERATOR refund.<= (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_le,
	COMMUTATOR = OPERATOR(refund.>=), NEGATOR = OPERATOR(refund.>),
	RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR refund.<= (refund.amount, refund.amount) IS 'less than or equal';

CREATE OPERATOR refund.> (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_gt,
	COMMUTATOR = OPERATOR(refund.<), NEGATOR = OPERATOR(refund.<=),
	RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR refund.> (refund.amount, refund.amount) IS 'greater than';

CREATE OPERATOR refund.>= (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_ge,
	COMMUTATOR = OPERATOR(refund.<=), NEGATOR = OPERATOR(refund.<),
	RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR refund.>= (refund.amount, refund.amount) IS 'greater than or equal';

CREATE FUNCTION refund.amount_cmp(refund.amount, refund.amount) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_cmp';
COMMENT ON FUNCTION refund.amount_cmp(refund.amount, refund.amount) IS 'less-equal-greater, for btree';

CREATE FUNCTION refund.amount_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sortsupport';
COMMENT ON FUNCTION refund.amount_sortsupport(internal) IS 'sort support, for btree';

CREATE FUNCTION refund.amount_hash(refund.amount) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_hash';
COMMENT ON FUNCTION refund.amount_hash(refund.amount) IS 'hash';

CREATE FUNCTION refund.amount_hash_extended(refund.amount, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_hash_extended';
COMMENT ON FUNCTION refund.amount_hash_extended(refund.amount, bigint) IS '64-bit hash with a seed';

-- equalimage: equal values are the same bytes, so btree may deduplicate
CREATE OPERATOR FAMILY refund.amount_ops USING btree;
COMMENT ON OPERATOR FAMILY refund.amount_ops USING btree IS 'total order: currency (numeric code), then value';
CREATE OPERATOR CLASS refund.amount_ops
	DEFAULT FOR TYPE refund.amount USING btree FAMILY refund.amount_ops AS
	OPERATOR 1 refund.<,
	OPERATOR 2 refund.<=,
	OPERATOR 3 refund.=,
	OPERATOR 4 refund.>=,
	OPERATOR 5 refund.>,
	FUNCTION 1 refund.amount_cmp(refund.amount, refund.amount),
	FUNCTION 2 refund.amount_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS refund.amount_ops USING btree IS 'total order: currency (numeric code), then value';

CREATE OPERATOR FAMILY refund.amount_ops USING hash;
COMMENT ON OPERATOR FAMILY refund.amount_ops USING hash IS 'equality of refund.amount';
CREATE OPERATOR CLASS refund.amount_ops
	DEFAULT FOR TYPE refund.amount USING hash FAMILY refund.amount_ops AS
	OPERATOR 1 refund.=,
	FUNCTION 1 refund.amount_hash(refund.amount),
	FUNCTION 2 refund.amount_hash_extended(refund.amount, bigint);
COMMENT ON OPERATOR CLASS refund.amount_ops USING hash IS 'equality of refund.amount';


-- ---- arithmetic: one currency, exact, an error when out of range ----

CREATE FUNCTION refund.amount_add(refund.amount, refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_add';
COMMENT ON FUNCTION refund.amount_add(refund.amount, refund.amount) IS
	'implementation of + operator';

CREATE FUNCTION refund.amount_sub(refund.amount, refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sub';
COMMENT ON FUNCTION refund.amount_sub(refund.amount, refund.amount) IS
	'implementation of - operator';

CREATE FUNCTION refund.amount_uplus(refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_uplus';
COMMENT ON FUNCTION refund.amount_uplus(refund.amount) IS
	'implementation of + operator';

CREATE FUNCTION refund.amount_uminus(refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_uminus';
COMMENT ON FUNCTION refund.amount_uminus(refund.amount) IS
	'implementation of - operator';

CREATE FUNCTION refund.amount_mul_bigint(refund.amount, bigint) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_mul_bigint';
COMMENT ON FUNCTION refund.amount_mul_bigint(refund.amount, bigint) IS
	'implementation of * operator';

CREATE FUNCTION refund.bigint_mul_amount(bigint, refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_bigint_mul_amount';
COMMENT ON FUNCTION refund.bigint_mul_amount(bigint, refund.amount) IS
	'implementation of * operator';

CREATE OPERATOR refund.+ (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_add,
	COMMUTATOR = OPERATOR(refund.+)
);
COMMENT ON OPERATOR refund.+ (refund.amount, refund.amount) IS 'add; RF003 for two currencies';

CREATE OPERATOR refund.- (
	LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = refund.amount_sub
);
COMMENT ON OPERATOR refund.- (refund.amount, refund.amount) IS 'subtract; RF003 for two currencies';

CREATE OPERATOR refund.+ (
	RIGHTARG = refund.amount, FUNCTION = refund.amount_uplus
);
COMMENT ON OPERATOR refund.+ (NONE, refund.amount) IS 'unary plus';

CREATE OPERATOR refund.- (
	RIGHTARG = refund.amount, FUNCTION = refund.amount_uminus
);
COMMENT ON OPERATOR refund.- (NONE, refund.amount) IS 'negate';

CREATE OPERATOR refund.* (
	LEFTARG = refund.amount, RIGHTARG = bigint, FUNCTION = refund.amount_mul_bigint,
	COMMUTATOR = OPERATOR(refund.*)
);
COMMENT ON OPERATOR refund.* (refund.amount, bigint) IS 'multiply by an integer';

CREATE OPERATOR refund.* (
	LEFTARG = bigint, RIGHTARG = refund.amount, FUNCTION = refund.bigint_mul_amount,
	COMMUTATOR = OPERATOR(refund.*)
);
COMMENT ON OPERATOR refund.* (bigint, refund.amount) IS 'multiply by an integer';


-- ---- conversion ----

CREATE FUNCTION refund.amount(numeric, refund.currency) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_from_numeric';
COMMENT ON FUNCTION refund.amount(numeric, refund.currency) IS
	'amount of a number in a currency; never rounds';

CREATE FUNCTION refund.amount_from_minor(bigint, refund.currency) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_from_minor';
COMMENT ON FUNCTION refund.amount_from_minor(bigint, refund.currency) IS
	'amount of minor units (cents) in a currency';

CREATE FUNCTION refund.minor_units(refund.amount) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_minor_units';
COMMENT ON FUNCTION refund.minor_units(refund.amount) IS
	'the amount in minor units (cents) of its currency';

CREATE FUNCTION refund.currency(refund.amount) RETURNS refund.currency
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_currency';
COMMENT ON FUNCTION refund.currency(refund.amount) IS
	'the currency of the amount';

CREATE FUNCTION refund.amount_to_numeric(refund.amount) RETURNS numeric
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_to_numeric';
COMMENT ON FUNCTION refund.amount_to_numeric(refund.amount) IS
	'the number without its currency, with all decimals of the currency';

-- Explicit only: an implicit cast would let sum() drop the currency.
CREATE CAST (refund.amount AS numeric) WITH FUNCTION refund.amount_to_numeric(refund.amount);
COMMENT ON CAST (refund.amount AS numeric) IS 'the number without its currency';

CREATE FUNCTION refund.allocate(amount refund.amount, weights bigint[]) RETURNS refund.amount[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_allocate';
COMMENT ON FUNCTION refund.allocate(refund.amount, bigint[]) IS
	'split in proportion to weights by largest remainder; the parts sum to the amount';


-- ---- aggregates ----

CREATE FUNCTION refund.amount_sum_accum(internal, refund.amount) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_accum';
COMMENT ON FUNCTION refund.amount_sum_accum(internal, refund.amount) IS 'aggregate transition function';

CREATE FUNCTION refund.amount_sum_inverse(internal, refund.amount) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_inverse';
COMMENT ON FUNCTION refund.amount_sum_inverse(internal, refund.amount) IS 'aggregate inverse transition function';

CREATE FUNCTION refund.amount_sum_combine(internal, internal) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_combine';
COMMENT ON FUNCTION refund.amount_sum_combine(internal, internal) IS 'aggregate combine function';

CREATE FUNCTION refund.amount_sum_serialize(internal) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_serialize';
COMMENT ON FUNCTION refund.amount_sum_serialize(internal) IS 'aggregate serial function';

CREATE FUNCTION refund.amount_sum_deserialize(bytea, internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_deserialize';
COMMENT ON FUNCTION refund.amount_sum_deserialize(bytea, internal) IS 'aggregate deserial function';

CREATE FUNCTION refund.amount_sum_final(internal) RETURNS refund.amount
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_sum_final';
COMMENT ON FUNCTION refund.amount_sum_final(internal) IS 'aggregate final function';

CREATE FUNCTION refund.amount_larger(refund.amount, refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_larger';
COMMENT ON FUNCTION refund.amount_larger(refund.amount, refund.amount) IS 'the larger of two amounts';

CREATE FUNCTION refund.amount_smaller(refund.amount, refund.amount) RETURNS refund.amount
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_amount_smaller';
COMMENT ON FUNCTION refund.amount_smaller(refund.amount, refund.amount) IS 'the smaller of two amounts';

CREATE AGGREGATE refund.sum(refund.amount) (
	SFUNC = refund.amount_sum_accum,
	STYPE = internal,
	SSPACE = 64,
	FINALFUNC = refund.amount_sum_final,
	COMBINEFUNC = refund.amount_sum_combine,
	SERIALFUNC = refund.amount_sum_serialize,
	DESERIALFUNC = refund.amount_sum_deserialize,
	MSFUNC = refund.amount_sum_accum,
	MINVFUNC = refund.amount_sum_inverse,
	MSTYPE = internal,
	MSSPACE = 64,
	MFINALFUNC = refund.amount_sum_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE refund.sum(refund.amount) IS
	'sum as amount across all input values of one currency; null when there are none';

CREATE AGGREGATE refund.min(refund.amount) (
	SFUNC = refund.amount_smaller,
	STYPE = refund.amount,
	COMBINEFUNC = refund.amount_smaller,
	SORTOP = OPERATOR(refund.<),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE refund.min(refund.amount) IS 'minimum of all input values in the total order of amounts';

CREATE AGGREGATE refund.max(refund.amount) (
	SFUNC = refund.amount_larger,
	STYPE = refund.amount,
	COMBINEFUNC = refund.amount_larger,
	SORTOP = OPERATOR(refund.>),
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE refund.max(refund.amount) IS 'maximum of all input values in the total order of amounts';
