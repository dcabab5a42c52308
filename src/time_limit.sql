-- refund.time_limit: 4 bytes by value (src/time_limit.h)
CREATE TYPE refund.time_limit;

CREATE FUNCTION refund.time_limit_in(cstring) RETURNS refund.time_limit
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_in';
COMMENT ON FUNCTION refund.time_limit_in(cstring) IS 'I/O';

CREATE FUNCTION refund.time_limit_out(refund.time_limit) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_out';
COMMENT ON FUNCTION refund.time_limit_out(refund.time_limit) IS 'I/O';

CREATE FUNCTION refund.time_limit_recv(internal) RETURNS refund.time_limit
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_recv';
COMMENT ON FUNCTION refund.time_limit_recv(internal) IS 'I/O; refuses what text input refuses';

CREATE FUNCTION refund.time_limit_send(refund.time_limit) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_send';
COMMENT ON FUNCTION refund.time_limit_send(refund.time_limit) IS 'I/O';

CREATE TYPE refund.time_limit (
	INPUT = refund.time_limit_in,
	OUTPUT = refund.time_limit_out,
	RECEIVE = refund.time_limit_recv,
	SEND = refund.time_limit_send,
	LIKE = pg_catalog.int4
);
COMMENT ON TYPE refund.time_limit IS
	'Length of a window in one unit: 7 days, 2 business days, 48 hours, 90 minutes';

CREATE FUNCTION refund.time_limit_eq(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_eq';
COMMENT ON FUNCTION refund.time_limit_eq(refund.time_limit, refund.time_limit) IS 'implementation of = operator';

CREATE FUNCTION refund.time_limit_ne(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_ne';
COMMENT ON FUNCTION refund.time_limit_ne(refund.time_limit, refund.time_limit) IS 'implementation of <> operator';

CREATE FUNCTION refund.time_limit_lt(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_lt';
COMMENT ON FUNCTION refund.time_limit_lt(refund.time_limit, refund.time_limit) IS 'implementation of < operator';

CREATE FUNCTION refund.time_limit_le(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_le';
COMMENT ON FUNCTION refund.time_limit_le(refund.time_limit, refund.time_limit) IS 'implementation of <= operator';

CREATE FUNCTION refund.time_limit_gt(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_gt';
COMMENT ON FUNCTION refund.time_limit_gt(refund.time_limit, refund.time_limit) IS 'implementation of > operator';

CREATE FUNCTION refund.time_limit_ge(refund.time_limit, refund.time_limit) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_ge';
COMMENT ON FUNCTION refund.time_limit_ge(refund.time_limit, refund.time_limit) IS 'implementation of >= operator';

CREATE OPERATOR refund.= (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_eq,
	COMMUTATOR = OPERATOR(refund.=), NEGATOR = OPERATOR(refund.<>),
	RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR refund.= (refund.time_limit, refund.time_limit) IS 'equal';

CREATE OPERATOR refund.<> (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_ne,
	COMMUTATOR = OPERATOR(refund.<>), NEGATOR = OPERATOR(refund.=),
	RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR refund.<> (refund.time_limit, refund.time_limit) IS 'not equal';

CREATE OPERATOR refund.< (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_lt,
	COMMUTATOR = OPERATOR(refund.>), NEGATOR = OPERATOR(refund.>=),
	RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR refund.< (refund.time_limit, refund.time_limit) IS 'less than';

CREATE OPERATOR refund.<= (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_le,
	COMMUTATOR = OPERATOR(refund.>=), NEGATOR = OPERATOR(refund.>),
	RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR refund.<= (refund.time_limit, refund.time_limit) IS 'less than or equal';

CREATE OPERATOR refund.> (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_gt,
	COMMUTATOR = OPERATOR(refund.<), NEGATOR = OPERATOR(refund.<=),
	RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR refund.> (refund.time_limit, refund.time_limit) IS 'greater than';

CREATE OPERATOR refund.>= (
	LEFTARG = refund.time_limit, RIGHTARG = refund.time_limit, FUNCTION = refund.time_limit_ge,
	COMMUTATOR = OPERATOR(refund.<=), NEGATOR = OPERATOR(refund.<),
	RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR refund.>= (refund.time_limit, refund.time_limit) IS 'greater than or equal';

CREATE FUNCTION refund.time_limit_cmp(refund.time_limit, refund.time_limit) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_cmp';
COMMENT ON FUNCTION refund.time_limit_cmp(refund.time_limit, refund.time_limit) IS 'less-equal-greater, for btree';

CREATE FUNCTION refund.time_limit_sortsupport(internal) RETURNS void
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_sortsupport';
COMMENT ON FUNCTION refund.time_limit_sortsupport(internal) IS 'sort support, for btree';

CREATE FUNCTION refund.time_limit_hash(refund.time_limit) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_hash';
COMMENT ON FUNCTION refund.time_limit_hash(refund.time_limit) IS 'hash';

CREATE FUNCTION refund.time_limit_hash_extended(refund.time_limit, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_time_limit_hash_extended';
COMMENT ON FUNCTION refund.time_limit_hash_extended(refund.time_limit, bigint) IS '64-bit hash with a seed';

-- equalimage: equal values are the same bytes, so btree may deduplicate
CREATE OPERATOR FAMILY refund.time_limit_ops USING btree;
COMMENT ON OPERATOR FAMILY refund.time_limit_ops USING btree IS 'nominal length, then unit';
CREATE OPERATOR CLASS refund.time_limit_ops
	DEFAULT FOR TYPE refund.time_limit USING btree FAMILY refund.time_limit_ops AS
	OPERATOR 1 refund.<,
	OPERATOR 2 refund.<=,
	OPERATOR 3 refund.=,
	OPERATOR 4 refund.>=,
	OPERATOR 5 refund.>,
	FUNCTION 1 refund.time_limit_cmp(refund.time_limit, refund.time_limit),
	FUNCTION 2 refund.time_limit_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS refund.time_limit_ops USING btree IS 'nominal length, then unit';

CREATE OPERATOR FAMILY refund.time_limit_ops USING hash;
COMMENT ON OPERATOR FAMILY refund.time_limit_ops USING hash IS 'equality of refund.time_limit';
CREATE OPERATOR CLASS refund.time_limit_ops
	DEFAULT FOR TYPE refund.time_limit USING hash FAMILY refund.time_limit_ops AS
	OPERATOR 1 refund.=,
	FUNCTION 1 refund.time_limit_hash(refund.time_limit),
	FUNCTION 2 refund.time_limit_hash_extended(refund.time_limit, bigint);
COMMENT ON OPERATOR CLASS refund.time_limit_ops USING hash IS 'equality of refund.time_limit';
