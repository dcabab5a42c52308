-- refund.currency: 2 bytes by value, the ISO 4217 numeric code
CREATE TYPE refund.currency;

CREATE FUNCTION refund.currency_in(cstring) RETURNS refund.currency
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_in';
COMMENT ON FUNCTION refund.currency_in(cstring) IS 'I/O';

CREATE FUNCTION refund.currency_out(refund.currency) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_out';
COMMENT ON FUNCTION refund.currency_out(refund.currency) IS 'I/O';

CREATE FUNCTION refund.currency_recv(internal) RETURNS refund.currency
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_recv';
COMMENT ON FUNCTION refund.currency_recv(internal) IS 'I/O; refuses what text input refuses';

CREATE FUNCTION refund.currency_send(refund.currency) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_send';
COMMENT ON FUNCTION refund.currency_send(refund.currency) IS 'I/O';

CREATE TYPE refund.currency (
	INPUT = refund.currency_in,
	OUTPUT = refund.currency_out,
	RECEIVE = refund.currency_recv,
	SEND = refund.currency_send,
	LIKE = pg_catalog.int2
);
COMMENT ON TYPE refund.currency IS
	'ISO 4217 currency, written as its code: USD';

-- what views show, in one call instead of two casts by way of text
CREATE FUNCTION refund.currency_bpchar(refund.currency, integer, boolean) RETURNS character
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_bpchar';
COMMENT ON FUNCTION refund.currency_bpchar(refund.currency, integer, boolean) IS 'implementation of the cast to char(3)';
CREATE CAST (refund.currency AS character) WITH FUNCTION refund.currency_bpchar(refund.currency, integer, boolean);
COMMENT ON CAST (refund.currency AS character) IS 'the code; char(3) holds it';

CREATE FUNCTION refund.currency_eq(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_eq';
COMMENT ON FUNCTION refund.currency_eq(refund.currency, refund.currency) IS 'implementation of = operator';

CREATE FUNCTION refund.currency_ne(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_ne';
COMMENT ON FUNCTION refund.currency_ne(refund.currency, refund.currency) IS 'implementation of <> operator';

CREATE FUNCTION refund.currency_lt(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_lt';
COMMENT ON FUNCTION refund.currency_lt(refund.currency, refund.currency) IS 'implementation of < operator';

CREATE FUNCTION refund.currency_le(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_le';
COMMENT ON FUNCTION refund.currency_le(refund.currency, refund.currency) IS 'implementation of <= operator';

CREATE FUNCTION refund.currency_gt(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_gt';
COMMENT ON FUNCTION refund.currency_gt(refund.currency, refund.currency) IS 'implementation of > operator';

CREATE FUNCTION refund.currency_ge(refund.currency, refund.currency) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_ge';
COMMENT ON FUNCTION refund.currency_ge(refund.currency, refund.currency) IS 'implementation of >= operator';

CREATE OPERATOR refund.= (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_eq,
	COMMUTATOR = OPERATOR(refund.=), NEGATOR = OPERATOR(refund.<>),
	RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR refund.= (refund.currency, refund.currency) IS 'equal';

CREATE OPERATOR refund.<> (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_ne,
	COMMUTATOR = OPERATOR(refund.<>), NEGATOR = OPERATOR(refund.=),
	RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR refund.<> (refund.currency, refund.currency) IS 'not equal';

CREATE OPERATOR refund.< (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_lt,
	COMMUTATOR = OPERATOR(refund.>), NEGATOR = OPERATOR(refund.>=),
	RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR refund.< (refund.currency, refund.currency) IS 'less than';

CREATE OPERATOR refund.<= (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_le,
	COMMUTATOR = OPERATOR(refund.>=), NEGATOR = OPERATOR(refund.>),
	RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR refund.<= (refund.currency, refund.currency) IS 'less than or equal';

CREATE OPERATOR refund.> (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_gt,
	COMMUTATOR = OPERATOR(refund.<), NEGATOR = OPERATOR(refund.<=),
	RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR refund.> (refund.currency, refund.currency) IS 'greater than';

CREATE OPERATOR refund.>= (
	LEFTARG = refund.currency, RIGHTARG = refund.currency, FUNCTION = refund.currency_ge,
	COMMUTATOR = OPERATOR(refund.<=), NEGATOR = OPERATOR(refund.<),
	RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR refund.>= (refund.currency, refund.currency) IS 'greater than or equal';

CREATE FUNCTION refund.currency_cmp(refund.currency, refund.currency) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_cmp';
COMMENT ON FUNCTION refund.currency_cmp(refund.currency, refund.currency) IS 'less-equal-greater, for btree';

CREATE FUNCTION refund.currency_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_sortsupport';
COMMENT ON FUNCTION refund.currency_sortsupport(internal) IS 'sort support, for btree';

CREATE FUNCTION refund.currency_hash(refund.currency) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_hash';
COMMENT ON FUNCTION refund.currency_hash(refund.currency) IS 'hash';

CREATE FUNCTION refund.currency_hash_extended(refund.currency, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_currency_hash_extended';
COMMENT ON FUNCTION refund.currency_hash_extended(refund.currency, bigint) IS '64-bit hash with a seed';

-- equalimage: equal values are the same bytes, so btree may deduplicate
CREATE OPERATOR FAMILY refund.currency_ops USING btree;
COMMENT ON OPERATOR FAMILY refund.currency_ops USING btree IS 'order of the ISO 4217 numeric code, as in refund.amount';
CREATE OPERATOR CLASS refund.currency_ops
	DEFAULT FOR TYPE refund.currency USING btree FAMILY refund.currency_ops AS
	OPERATOR 1 refund.<,
	OPERATOR 2 refund.<=,
	OPERATOR 3 refund.=,
	OPERATOR 4 refund.>=,
	OPERATOR 5 refund.>,
	FUNCTION 1 refund.currency_cmp(refund.currency, refund.currency),
	FUNCTION 2 refund.currency_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS refund.currency_ops USING btree IS 'order of the ISO 4217 numeric code, as in refund.amount';

CREATE OPERATOR FAMILY refund.currency_ops USING hash;
COMMENT ON OPERATOR FAMILY refund.currency_ops USING hash IS 'equality of refund.currency';
CREATE OPERATOR CLASS refund.currency_ops
	DEFAULT FOR TYPE refund.currency USING hash FAMILY refund.currency_ops AS
	OPERATOR 1 refund.=,
	FUNCTION 1 refund.currency_hash(refund.currency),
	FUNCTION 2 refund.currency_hash_extended(refund.currency, bigint);
COMMENT ON OPERATOR CLASS refund.currency_ops USING hash IS 'equality of refund.currency';
