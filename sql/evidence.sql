-- Statements and evidence: what is taken, that it is sealed, who may read it, and that
-- a body can be erased by law (process.md §7).  Ids such as E01 are lines of the
-- catalogue of bad inputs and faults.  Contracts 20000 to 20999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/refused.sql'
\i :helpers
\set ECHO all

-- 100.00 USD at stake
CREATE FUNCTION pg_temp.contract(id bigint, clock text, policy text DEFAULT 'standard') RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', policy => policy, test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'work', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '100.00 USD', 'card');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client'));
END $$;

-- Dispute contract 20000 with this evidence, and roll it back: what the index would
-- show of it, or how it was refused.
CREATE FUNCTION pg_temp.submit(evidence text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
	answer text;
BEGIN
	PERFORM refund.dispute_refund(20000, 'freelancer', '10.00 USD', 'reason', evidence::jsonb);
	SELECT coalesce(string_agg(concat_ws(' | ', v.evidence_no, v.title, v.media_type, coalesce(v.byte_size::text, '~') || ' bytes',
		coalesce(left(v.sha256, 8), '~'), 'says ' || v.statement, v.uri, CASE WHEN v.has_content THEN 'content' END, 'same as ' || v.same_as), E'\n' ORDER BY v.evidence_no), 'none')
	INTO answer FROM refund.evidence_index v WHERE v.contract_id = 20000;
	IF EXISTS (SELECT FROM refund.verify(20000)) THEN
		answer := answer || ' BUT verify() FINDS SOMETHING';
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
	IF SQLSTATE = 'TE000' THEN
		RETURN SQLERRM;
	END IF;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, CASE WHEN SQLSTATE LIKE 'RF%' THEN nullif(answer::jsonb - '{contract_id,event,problem}'::text[], '{}') END::text,
		CASE WHEN pg_temp.digest() <> before THEN 'ROWS CHANGED' END);
END $$;

-- one item: a sound one, with these fields changed (null: left out)
CREATE FUNCTION pg_temp.item(changes jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.submit(jsonb_build_array(jsonb_strip_nulls('{"title": "a title", "statement": "what I say"}' || changes))::text)
$$;

SELECT name FROM refund.create_test_clock('evidence', '2026-03-02 09:00+00');
\pset tuples_only on
SELECT pg_temp.contract(20000, 'evidence');


-- ---- the list ----

SELECT pg_temp.submit('[]');
SELECT pg_temp.submit(NULL);
SELECT pg_temp.submit('null');
SELECT pg_temp.submit('{}');
SELECT pg_temp.submit('{"title": "a title", "statement": "what I say"}');
SELECT pg_temp.submit('"a title"');
SELECT pg_temp.submit('1');
SELECT pg_temp.submit('true');
SELECT pg_temp.submit('[null]');
SELECT pg_temp.submit('[1]');
SELECT pg_temp.submit('["a title"]');
SELECT pg_temp.submit('[[]]');
SELECT pg_temp.submit('[[{"title": "a title", "statement": "what I say"}]]');
SELECT pg_temp.submit('[{}]');
-- the first bad item is named
SELECT pg_temp.submit('[{"title": "a", "statement": "a"}, {"title": "b"}, {}]');
SELECT pg_temp.submit('[{"title": "a", "statement": "a"}, {"title": "b", "statement": "b"}, 3]');
SELECT pg_temp.submit('[{"title": "a", "statement": "a"}, {"title": "b", "uri": "urn:b", "media_type": "text/plain"}, {"title": "c", "media_type": "text/plain", "content": "Yw=="}]');
-- not JSON is nobody's evidence
SELECT pg_temp.submit('[{"title": "a", "statement": "a"}');
SELECT pg_temp.submit('');
-- D06, X07: deep, within and beyond the stack that the session has
SELECT pg_temp.submit(repeat('[', 10000) || repeat(']', 10000));
SELECT pg_temp.submit('[{"title": "a", "statement": ' || repeat('[', 10000) || repeat(']', 10000) || '}]');
SELECT pg_temp.submit('[{"title": "a", "note": ' || repeat('{"a": ', 10000) || '1' || repeat('}', 10000) || '}]');
SET max_stack_depth = '100kB';
SELECT left(pg_temp.submit(repeat('[', 10000) || repeat(']', 10000)), 35);
RESET max_stack_depth;
-- wide
SELECT pg_temp.submit((SELECT jsonb_object_agg('field ' || n, n) FROM generate_series(1, 10000) n)::text);
SELECT pg_temp.submit(jsonb_build_array((SELECT jsonb_object_agg('field ' || n, n) FROM generate_series(1, 10000) n))::text);


-- ---- an item's fields: title ----

SELECT pg_temp.item('{}');
SELECT pg_temp.item('{"title": null}');
SELECT pg_temp.item('{"title": ""}');
SELECT pg_temp.item('{"title": "  "}');
SELECT pg_temp.item('{"title": "\u00a0\u200b"}');
SELECT pg_temp.item('{"title": 1}');
SELECT pg_temp.item('{"title": true}');
SELECT pg_temp.item('{"title": ["a title"]}');
SELECT pg_temp.item('{"title": {"en": "a title"}}');
SELECT length(pg_temp.item(jsonb_build_object('title', repeat('t', 1000))));
SELECT pg_temp.item(jsonb_build_object('title', repeat('t', 1001)));
-- bytes, not characters
SELECT pg_temp.item(jsonb_build_object('title', repeat(chr(128512), 251)));
-- E09: no path is made of it, control characters are refused, so are 10 000 characters
SELECT pg_temp.item('{"title": "../../x"}');
SELECT pg_temp.item('{"title": "/etc/passwd"}');
SELECT pg_temp.item('{"title": "C:\\x\\..\\y"}');
SELECT pg_temp.item('{"title": " a title "}');
SELECT pg_temp.item('{"title": "a\ttitle"}');
SELECT pg_temp.item('{"title": "a\ntitle"}');
SELECT pg_temp.item('{"title": "a\u0001title"}');
SELECT pg_temp.item('{"title": "a\u001btitle"}');
SELECT pg_temp.item('{"title": "a\u007ftitle"}');
SELECT pg_temp.item(jsonb_build_object('title', repeat('t', 10000)));
-- X01, X04: it is data
SELECT pg_temp.item('{"title": "''); DROP TABLE refund.evidence; --"}');
SELECT pg_temp.item('{"title": "%s %n $1 $$ =cmd() <script>"}');


-- ---- statement, uri and content: one of them at least ----

SELECT pg_temp.item('{"statement": null}');
SELECT pg_temp.item('{"statement": null, "media_type": "text/plain"}');
SELECT pg_temp.item('{"statement": ""}');
SELECT pg_temp.item('{"statement": " \n\t"}');
SELECT pg_temp.item('{"statement": 1}');
SELECT pg_temp.item('{"statement": "two\nlines"}');
SELECT length(pg_temp.item(jsonb_build_object('statement', repeat('s', 80000))));
SELECT pg_temp.item(jsonb_build_object('statement', repeat('s', 80001)));
SELECT pg_temp.item(jsonb_build_object('statement', repeat(chr(128512), 20001)));
-- blank beside a content is blank
SELECT pg_temp.item('{"statement": "", "media_type": "image/png", "content": "AAAA"}');
SELECT pg_temp.item('{"media_type": "image/png", "uri": "https://example.org/1.png"}');
SELECT pg_temp.item('{"statement": null, "media_type": "image/png", "uri": "https://example.org/1.png"}');
SELECT pg_temp.item('{"media_type": "image/png", "content": "AAAA"}');
SELECT pg_temp.item('{"statement": null, "media_type": "image/png", "content": "AAAA"}');
-- with both, size and digest are the content's
SELECT pg_temp.item('{"media_type": "image/png", "content": "AAAA", "uri": "https://example.org/1.png"}');

-- uri: a scheme and something; it is never followed
SELECT pg_temp.item(jsonb_build_object('media_type', 'image/png', 'uri', u)) FROM unnest('{urn:x,HTTPS://EXAMPLE.ORG/X,javascript:alert(1),file:///etc/passwd,s3+v4.a-b:x,a:b:c,https://example.org/ä?q=%20#f}'::text[]) u;
SELECT u, pg_temp.item(jsonb_build_object('media_type', 'image/png', 'uri', u)) FROM unnest(ARRAY['', 'x', ':x', 'x:', '1x:y', 'a_b:y', 'ä:x', '/etc/passwd', '../../x', 'https://example.org/a b', ' urn:x', 'urn:x ', E'urn:\x01', E'urn:a\nb', E'urn:\x7f']) u;
SELECT pg_temp.item('{"media_type": "image/png", "uri": 1}');
SELECT length(pg_temp.item(jsonb_build_object('media_type', 'image/png', 'uri', 'urn:' || repeat('x', 1996))));
SELECT pg_temp.item(jsonb_build_object('media_type', 'image/png', 'uri', 'urn:' || repeat('x', 1997)));

-- content: base64, in one line or in several; never looked into
SELECT c, pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'content', c)) FROM unnest(ARRAY['', 'QQ==', 'QUI=', 'QUJD', '/+A=', 'QQ', 'Q', 'QQ=', '=', '====', '_-A=', 'QUJ D', E'QUJD\n', E'Q\r\nUJ\nD\n\n', E'\n', E'QU\tJD', 'ä', '<QUJD>']) c;
SELECT pg_temp.item('{"media_type": "text/plain", "content": 1}');
SELECT pg_temp.item('{"media_type": "text/plain", "content": ["QQ=="]}');
-- a content is no statement: its declared type may be wrong, nobody looks
SELECT pg_temp.item('{"media_type": "image/png", "content": "QUJD"}');


-- ---- media_type ----

SELECT m, pg_temp.item(jsonb_build_object('media_type', m)) FROM unnest(ARRAY['text/markdown', 'TEXT/Plain', 'image/svg+xml', 'application/vnd.a-b.c+json', 'a/b', 'x/!#$&-^_.+', 'text/plain;charset=utf-8', 'text/plain; charset="utf-8"', 'text/plain;', 'text/plain; a/b']) m;
SELECT m, pg_temp.item(jsonb_build_object('media_type', m)) FROM unnest(ARRAY['', 'text', 'text/', '/plain', '/', 'text//plain', 'text/plain/x', 'text/plain/', ' text/plain', 'text /plain', 'text/plain ;x', ';text/plain', 'te*t/plain', 'tëxt/plain', E'text/plain;\n', E'text/plain\x01', 'text/plain, a/b', '*/*']) m;
SELECT pg_temp.item('{"media_type": 1}');
SELECT length(pg_temp.item(jsonb_build_object('media_type', 'x/' || repeat('y', 253))));
SELECT pg_temp.item(jsonb_build_object('media_type', 'x/' || repeat('y', 254)));
-- of a statement alone it is text/plain, of everything else it must be said
SELECT pg_temp.item('{"media_type": null}');
SELECT pg_temp.item('{"uri": "urn:x"}');
SELECT pg_temp.item('{"content": "QUJD"}');


-- ---- E05: sha256 and byte_size: declared, and checked where the content is ----

SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'content', 'QUJD', 'byte_size', 3, 'sha256', encode(sha256('ABC'), 'hex')));
SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'content', 'QUJD', 'sha256', upper(encode(sha256('ABC'), 'hex'))));
SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'content', 'QUJD', 'sha256', encode(sha256('ABD'), 'hex')));
SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'content', 'QUJD', 'sha256', encode(sha256('what I say'), 'hex')));
SELECT pg_temp.item('{"media_type": "text/plain", "content": "QUJD", "byte_size": 4}');
SELECT pg_temp.item('{"media_type": "text/plain", "content": "QUJD", "byte_size": 2}');
SELECT pg_temp.item('{"media_type": "text/plain", "content": "QUJD", "byte_size": 0}');
-- without content and uri they are the statement's
SELECT pg_temp.item(jsonb_build_object('byte_size', 10, 'sha256', encode(sha256('what I say'), 'hex')));
SELECT pg_temp.item('{"byte_size": 11}');
SELECT pg_temp.item(jsonb_build_object('sha256', encode(sha256('what you say'), 'hex')));
-- behind a uri they are what was declared
SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'uri', 'urn:x', 'byte_size', 5000000000, 'sha256', encode(sha256('elsewhere'), 'hex')));
SELECT pg_temp.item('{"media_type": "text/plain", "uri": "urn:x", "byte_size": 0}');
SELECT pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'uri', 'urn:x', 'byte_size', n)) FROM unnest('{9223372036854775807,1e3,12.0}'::numeric[]) n;
SELECT n, pg_temp.item(jsonb_build_object('media_type', 'text/plain', 'uri', 'urn:x', 'byte_size', n)) FROM unnest('{-1,0.5,9223372036854775808,1e400}'::numeric[]) n;
SELECT pg_temp.item('{"media_type": "text/plain", "uri": "urn:x", "byte_size": "3"}');
SELECT pg_temp.item('{"media_type": "text/plain", "uri": "urn:x", "byte_size": true}');
SELECT pg_temp.item('{"media_type": "text/plain", "uri": "urn:x", "byte_size": [3]}');
SELECT pg_temp.item('{"sha256": 1}');
SELECT pg_temp.item('{"sha256": ""}');
SELECT pg_temp.item(jsonb_build_object('sha256', repeat('a', 63)));
SELECT pg_temp.item(jsonb_build_object('sha256', repeat('a', 65)));
SELECT pg_temp.item(jsonb_build_object('sha256', repeat('g', 64)));
SELECT pg_temp.item(jsonb_build_object('sha256', '\x' || repeat('a', 62)));


-- ---- other fields; X07: the last of two equal keys counts, as in every jsonb ----

SELECT pg_temp.item('{"note": "x"}');
SELECT pg_temp.item('{"Title": "x"}');
SELECT pg_temp.item('{"": "x"}');
SELECT pg_temp.submit('[{"title": "a", "statement": "b", "note": null}]');
SELECT pg_temp.submit('[{"title": "a", "title": "b", "statement": "c", "statement": "d"}]');
SELECT pg_temp.submit('[{"title": "a", "statement": "c", "title": 1}]');
-- a field that is null is as one that is left out
SELECT pg_temp.submit('[{"title": "a", "statement": "c", "uri": null, "content": null, "media_type": null, "byte_size": null, "sha256": null}]');


-- ---- E01, E03: limits of size and count ----

CREATE FUNCTION pg_temp.files(VARIADIC sizes integer[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_agg(jsonb_build_object('title', 'file ' || n, 'media_type', 'text/plain', 'content', encode(convert_to(repeat('x', size), 'UTF8'), 'base64')) ORDER BY n)
	FROM unnest(sizes) WITH ORDINALITY s (size, n)
$$;
-- policies are for good: these are rolled back
BEGIN;
SELECT refund.add_policy('evidence small', '{"evidence_max_items": 2, "evidence_max_bytes": 10}');
SELECT refund.add_policy('evidence none', '{"evidence_max_items": 0, "evidence_max_bytes": 0}');
SELECT pg_temp.contract(20001, 'evidence', 'evidence small');
SELECT pg_temp.contract(20002, 'evidence', 'evidence none');
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(11))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(10, 11))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(0))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(1, 1, 1))$$);
-- the order: currency, amount, reason, a bad item, their number, their size
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '0.00 EUR', ' ', '[1]')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '100.01 USD', ' ', '[1]')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', ' ', '[1]')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(11, 1, 1, 0))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(11, 1, 1))$$);
-- the limit itself; the size of what is kept elsewhere has none
SELECT state FROM refund.dispute_refund(20001, 'freelancer', '10.00 USD', 'reason', pg_temp.files(10, 1));
SELECT evidence_no, byte_size, length(refund.evidence_content(20001, 'client', evidence_no)) FROM refund.evidence_index WHERE contract_id = 20001 ORDER BY 1;
-- each statement may bring as many
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20001, 'client', 'statement', pg_temp.files(1, 11))$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20001, 'client', 'statement', pg_temp.files(1, 1, 1))$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20001, 'client', E' \n', pg_temp.files(1))$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20001, 'client', 'statement', '[{}]')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20001, 'client', 'statement', NULL)$$);
SELECT state FROM refund.decline_dispute(20001, 'client', 'statement', pg_temp.files(2) || '[{"title": "elsewhere", "media_type": "text/plain", "uri": "urn:x", "byte_size": 11}]');
SELECT evidence_no, actor, party, title, byte_size FROM refund.evidence_index WHERE contract_id = 20001 ORDER BY 1;
-- none at all
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20002, 'freelancer', '10.00 USD', 'reason', pg_temp.files(1))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20002, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "statement": "b"}]')$$);
SELECT state FROM refund.dispute_refund(20002, 'freelancer', '10.00 USD', 'reason', '[]');
SELECT count(*) FROM refund.evidence_index WHERE contract_id = 20002;
SELECT * FROM refund.verify_all();
ROLLBACK;
-- E02: what no JSON document can hold does not get as far as the verb
SELECT pg_temp.refused(format($$SELECT refund.dispute_refund(20003, 'freelancer', '1.00 USD', 'reason', jsonb_build_array(jsonb_build_object('title', 'a', 'media_type', 'text/plain', 'content', repeat('A', %s))))$$, bytes))
FROM unnest('{268435456,1073741819,1073741820,1073741824}'::integer[]) bytes;
-- the standard policy: 20 of them, 10 MiB each
SELECT pg_temp.submit((SELECT jsonb_agg(jsonb_build_object('title', n, 'statement', n)) FROM generate_series(1, 21) n)::text);
SELECT pg_temp.submit((SELECT jsonb_agg(jsonb_build_object('title', n::text, 'statement', 'x')) FROM generate_series(1, 21) n)::text);
SELECT length(pg_temp.submit((SELECT jsonb_agg(jsonb_build_object('title', n::text, 'statement', n::text)) FROM generate_series(1, 20) n)::text)) > 0;
SELECT pg_temp.submit(pg_temp.files(10 * 1024 * 1024 + 1)::text);
SELECT pg_temp.submit(pg_temp.files(10 * 1024 * 1024)::text);


-- ---- the reason and the statement; A15: submitted empty ----

SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', E' \t\r\n')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', U&'\00a0\200b\feff')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', repeat('x', 100001))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', 'reason', NULL)$$);
-- E07: NUL, a lone surrogate, bytes that are no text
SELECT pg_temp.submit('[{"title": "a\u0000b", "statement": "x"}]');
SELECT pg_temp.submit('[{"title": "a", "statement": "\u0000"}]');
SELECT pg_temp.submit('[{"title\u0000": "a", "statement": "x"}]');
SELECT pg_temp.submit('[{"title": "\ud800", "statement": "x"}]');
SELECT pg_temp.submit('[{"title": "\udc00\ud800", "statement": "x"}]');
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', E'a\x00b')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', convert_from('\x61c0af62', 'UTF8'))$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '10.00 USD', 'reason', convert_from('\x5b7b227469746c65223a2022ff227d5d', 'UTF8')::jsonb)$$);
-- in a content every byte is one
SELECT pg_temp.item(jsonb_build_object('media_type', 'application/octet-stream', 'content', encode('\x00ff00c0af'::bytea, 'base64'), 'byte_size', 5, 'sha256', encode(sha256('\x00ff00c0af'), 'hex')));


-- ---- E04, E06, E08: a dispute with much in it, kept as it came ----

-- a virus scanner's test file, the beginning of a zip archive (twice), an address (twice:
-- nobody knows whether what is there is the same); written from right to left, joined
-- emoji; a letter in one part and in two, which are two texts
SELECT state, disputed, reason FROM refund.dispute_refund(20000, 'agency', '60.00 USD', E'She ''agreed'' to it:\n\t"yes" \\ %s $1', $json$[
	{"title": "test file", "media_type": "text/plain", "content": "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo="},
	{"title": "archive", "media_type": "application/zip", "content": "UEsDBBQAAAAIAA=="},
	{"title": "the archive again, by another name", "media_type": "application/octet-stream", "content": "UEsDBBQAAAAIAA==", "statement": "the same"},
	{"title": "elsewhere", "media_type": "image/png", "uri": "https://example.org/1.png"},
	{"title": "elsewhere again", "media_type": "image/png", "uri": "https://example.org/1.png"},
	{"title": "invoice\u202egnp.exe", "statement": "\u202eabc"},
	{"title": "\ud83d\udc69\u200d\ud83d\udcbb", "statement": "\ud83d\udc69\u200d\ud83d\udcbb"},
	{"title": "caf\u00e9", "statement": "caf\u00e9"},
	{"title": "cafe\u0301", "statement": "cafe\u0301"},
	{"title": "../../x", "statement": "caf\u00e9"}
]$json$);
\pset tuples_only off
SELECT evidence_no, at, actor, party, encode(convert_to(title, 'UTF8'), 'escape') AS title, media_type, byte_size, left(sha256, 8) AS sha256,
	encode(convert_to(statement, 'UTF8'), 'escape') AS statement, uri, has_content, same_as, erased, is_test
FROM refund.evidence_index WHERE contract_id = 20000 ORDER BY 1;
\pset tuples_only on
SELECT evidence_no, refund.evidence_content(20000, 'client', evidence_no) FROM refund.evidence_index WHERE contract_id = 20000 AND has_content ORDER BY 1;
-- it is of one contract that a piece is the same
SELECT pg_temp.contract(20003, 'evidence');
SELECT state FROM refund.dispute_refund(20003, 'freelancer', '10.00 USD', 'reason', '[{"title": "archive", "media_type": "application/zip", "content": "UEsDBBQAAAAIAA=="}, {"title": "b", "statement": "b"}]');
SELECT evidence_no, same_as FROM refund.evidence_index WHERE contract_id = 20003 ORDER BY 1;
-- the answer of the other side goes on counting, and is compared with what is there
SELECT state, statement FROM refund.decline_dispute(20003, 'client', 'I did not.', '[{"title": "mine", "media_type": "application/zip", "content": "UEsDBBQAAAAIAA=="}]');
SELECT evidence_no, actor, party, title, same_as FROM refund.evidence_index WHERE contract_id = 20003 ORDER BY 1;
SELECT count(*) FROM refund.verify_all();


-- ---- who may read a content: those who are known to the case ----

SELECT refund.evidence_content(20003, 'client', 1) = refund.evidence_content(20003, 'freelancer', 1) AND refund.evidence_content(20003, 'agency', 1) = '\x504b0304140000000800'::bytea;
-- nothing here: a statement
SELECT refund.evidence_content(20003, 'client', 2);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'stranger', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'mediator', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'operator', 1)$$);
SELECT mediator FROM refund.assign_case(20003, 'operator', 'mediator');
SELECT refund.evidence_content(20003, 'mediator', 1);
SELECT refund.evidence_content(20003, 'operator', 3);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'another operator', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'arbitrator', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'Client', 1)$$);
-- who mediated another case is a stranger to this one, and a number that is not there is unknown
SELECT pg_temp.refused($$SELECT refund.evidence_content(20000, 'mediator', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'client', 4)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'client', 0)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'client', -1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20999, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'stranger', 4)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(NULL, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, NULL, 1)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'client', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, ' ', 1)$$);
-- a mediator who is replaced has nothing to do with it any more; the arbitrator has
SELECT mediator FROM refund.assign_case(20003, 'operator', 'another mediator');
SELECT pg_temp.refused($$SELECT refund.evidence_content(20003, 'mediator', 1)$$);
SELECT proposed FROM refund.propose_resolution(20003, 'another mediator', '4.00 USD', 'rationale');
SELECT arbitrator FROM refund.assign_case(20003, 'operator', 'arbitrator');
SELECT refund.evidence_content(20003, 'arbitrator', 1);
SELECT refund.evidence_content(20003, 'another mediator', 1);


-- ---- A15: nothing is added or changed later ----

SELECT pg_temp.refused($$SELECT refund.dispute_refund(20000, 'freelancer', '60.00 USD', 'again', '[{"title": "more", "statement": "more"}]')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20003, 'client', 'again', '[{"title": "more", "statement": "more"}]')$$);
SELECT pg_temp.contract(20004, 'evidence');
SELECT pg_temp.contract(20005, 'evidence');
SELECT state FROM refund.dispute_refund(20005, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "statement": "b"}]');
SELECT now FROM refund.advance_test_clock('evidence', '7 days', false);
-- after the deadline: late, whatever the evidence is
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20004, 'freelancer', '10.00 USD', 'reason', '[{"title": "late", "statement": "late"}]')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(20004, 'freelancer', '10.00 USD', 'reason', '[{}]')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(20005, 'client', 'statement', '[{"title": "late", "statement": "late"}]')$$);
-- the owner's plain statements, in a live contract; what is the test clock's may go with it
BEGIN;
SELECT pg_temp.contract(20100, NULL);
SELECT state FROM refund.dispute_refund(20100, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "media_type": "text/plain", "content": "QQ=="}]');
CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = format('%s rows', n);
EXCEPTION WHEN OTHERS THEN
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM);
END $$;
SELECT t, v, pg_temp.attempt(format(v, t)) FROM unnest('{statement,evidence,evidence_body}'::text[]) t,
	unnest(ARRAY['UPDATE refund.%I SET contract_id = contract_id WHERE contract_id = 20100', 'DELETE FROM refund.%I WHERE contract_id = 20100', 'TRUNCATE refund.%I',
		'UPDATE refund.%I SET contract_id = contract_id WHERE contract_id = 20000', 'MERGE INTO refund.%I t USING (SELECT 20100 AS id) i ON t.contract_id = i.id WHEN MATCHED THEN DELETE']) v ORDER BY t COLLATE "C", v COLLATE "C";
SELECT pg_temp.attempt('UPDATE refund.evidence SET title = ''another'' WHERE contract_id = 20100');
SELECT pg_temp.attempt('UPDATE refund.evidence_body SET content = NULL WHERE contract_id = 20100');
SELECT pg_temp.attempt('UPDATE refund.statement SET body = '''' WHERE contract_id = 20100');
-- another's body does not go because one was erased
SELECT erased FROM refund.erase_evidence(20100, 'operator', 1, 'by law');
SELECT pg_temp.contract(20101, NULL);
SELECT state FROM refund.dispute_refund(20101, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "statement": "a"}, {"title": "b", "statement": "b"}]');
SELECT erased FROM refund.erase_evidence(20101, 'operator', 1, 'by law');
SELECT pg_temp.attempt('DELETE FROM refund.evidence_body WHERE contract_id = 20101');
SELECT pg_temp.attempt('DELETE FROM refund.evidence WHERE contract_id = 20101 AND evidence_no = 1');
SELECT pg_temp.attempt('DELETE FROM refund.statement WHERE contract_id = 20101');
SELECT * FROM refund.verify(20100);
SELECT * FROM refund.verify(20101);
ROLLBACK;


-- ---- E10: erase_evidence() ----

SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 1, '')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 1, E' \n')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 1, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', NULL, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 0, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 4, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20999, 'operator', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'client', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'freelancer', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'agency', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, NULL, 1, 'by law')$$);
-- what is due is applied first, and the row that it returns is the index's
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 20003;
SELECT replace(pg_temp.call($$erase_evidence(20003, 'operator', 1, 'by law', 'key')$$), encode(sha256('\x504b0304140000000800'), 'hex'), 'sha256');
SELECT evidence_no, title, media_type, byte_size, left(sha256, 8), statement, uri, has_content, same_as, erased FROM refund.evidence_index WHERE contract_id = 20003 ORDER BY 1;
SELECT refund.evidence_content(20003, 'client', 1), refund.evidence_content(20003, 'client', 3);
SELECT evidence_no FROM refund.evidence_body WHERE contract_id = 20003 ORDER BY 1;
SELECT event_no, actor, party, event, from_state, to_state, item_no, statement FROM refund.case_timeline WHERE contract_id = 20003 AND event_no > 10 ORDER BY 1;
-- it moves no window, and nobody is told
SELECT state, due_at FROM refund.refund_request_status WHERE contract_id = 20003;
SELECT count(*) FROM refund.notification n JOIN refund.event e USING (contract_id, event_no) WHERE contract_id = 20003 AND e.kind = 'erase_evidence';
SELECT * FROM refund.verify(20003);
SELECT evidence_no FROM refund.erase_evidence(20003, 'operator', 2, 'by law');
SELECT state, due_at FROM refund.refund_request_status WHERE contract_id = 20003;
-- twice; with its key it is a replay
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'another operator', 1, 'by law')$$);
SELECT replace(pg_temp.call($$erase_evidence(20003, 'operator', 1, 'by law', 'key')$$), encode(sha256('\x504b0304140000000800'), 'hex'), 'sha256');
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 3, 'by law', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20003, 'operator', 1, 'by another law', 'key')$$);
-- two in one transaction, which is rolled back
BEGIN;
SELECT evidence_no, erased FROM refund.erase_evidence(20000, 'operator', 2, 'by law');
SELECT evidence_no, erased FROM refund.erase_evidence(20000, 'operator', 3, 'by law');
SELECT * FROM refund.verify(20000);
ROLLBACK;
SELECT count(*) FROM refund.evidence_index WHERE contract_id = 20000 AND erased;
SELECT * FROM refund.verify(20000);
-- of every piece the row is the index's
BEGIN;
CREATE TEMP TABLE erased AS
	SELECT e.* FROM refund.evidence_index i CROSS JOIN refund.erase_evidence(20000, 'operator', i.evidence_no, 'by law') e
	WHERE i.contract_id = 20000 AND NOT i.erased;
SELECT count(*), count(e.sha256) AS with_digest, count(e.same_as) AS same, count(*) FILTER (WHERE ROW(e.*) IS DISTINCT FROM ROW(i.*)) AS different
FROM refund.evidence_index i JOIN erased e USING (contract_id, evidence_no);
ROLLBACK;
-- a trigger of another's that keeps the body makes the call fail
BEGIN;
CREATE FUNCTION pg_temp.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER a_keeps BEFORE DELETE ON refund.evidence_body FOR EACH ROW EXECUTE FUNCTION pg_temp.keep();
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20000, 'operator', 2, 'by law')$$);
ROLLBACK;
-- no evidence: an active contract has none, nor has a request that nobody disputes
SELECT state FROM refund.create_contract(20006, 'client', 'freelancer', 'USD', test_clock => 'evidence');
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20006, 'operator', 1, 'by law')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(20004, 'operator', 1, 'by law')$$);
-- in every state: what is due is applied first, then the body goes
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 20005;
SELECT evidence_no, statement, erased FROM refund.erase_evidence(20005, 'operator', 1, 'by law');
SELECT event_no, event, from_state, to_state, outcome, at, effective_at FROM refund.case_timeline WHERE contract_id = 20005 AND event_no > 4 ORDER BY 1;
SELECT pg_temp.contract(20010, 'evidence');
SELECT state FROM refund.dispute_refund(20010, 'freelancer', '50.00 USD', 'reason', (SELECT jsonb_agg(jsonb_build_object('title', n, 'statement', n)) FROM (SELECT n::text FROM generate_series(1, 6) n) v));
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 6, 'in disputed');
SELECT state FROM refund.decline_dispute(20010, 'client', 'statement');
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 5, 'in in_review');
SELECT state FROM refund.propose_resolution(20010, 'mediator', '20.00 USD', 'rationale');
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 4, 'in proposed');
SELECT state FROM refund.reject_resolution(20010, 'client');
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 3, 'in unresolved');
SELECT state FROM refund.join_arbitration(20010, 'client', 'card');
SELECT state FROM refund.join_arbitration(20010, 'agency', 'bank');
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 2, 'in in_arbitration');
SELECT outcome FROM refund.record_award(20010, 'arbitrator', '20.00 USD', 'rationale');
SELECT evidence_no, erased FROM refund.erase_evidence(20010, 'operator', 1, 'in settled');
SELECT from_state, to_state, item_no, statement FROM refund.case_timeline WHERE contract_id = 20010 AND event = 'erase_evidence' ORDER BY event_no;
SELECT count(*) FILTER (WHERE erased), count(statement) FROM refund.evidence_index WHERE contract_id = 20010;
-- the rest of the case is still told
SELECT state, outcome, reason, statement FROM refund.refund_request_status WHERE contract_id = 20010;
SELECT * FROM refund.verify_all();


-- ---- what verify() finds when a superuser tampers with it ----

CREATE FUNCTION pg_temp.tampered(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	answer text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	SELECT CASE n WHEN 0 THEN 'NOTHING WAS TAMPERED WITH' ELSE coalesce(string_agg(f.rule || ': ' || f.detail, E'\n' ORDER BY f.rule COLLATE "C", f.detail COLLATE "C"), 'NOT FOUND') END
	INTO answer FROM refund.verify(20000) f;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'TE000' THEN
	RETURN QUERY SELECT SQLERRM;
END $$;
CREATE FUNCTION pg_temp.is_found(statement text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN f ~ '^[A-Z]' THEN f ELSE 'found' END FROM pg_temp.tampered(statement) f
$$;
SELECT erased FROM refund.erase_evidence(20000, 'operator', 10, 'by law');
SELECT * FROM refund.verify(20000);
-- a piece: evidence 3 has a content and a statement, 4 an address, 8 a statement alone
SELECT pg_temp.tampered('UPDATE refund.evidence SET title = ''another title'' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET media_type = ''text/html'' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET byte_size = byte_size + 1 WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET byte_size = NULL WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET byte_size = 1 WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence SET sha256 = sha256(''x'') WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET sha256 = NULL WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET sha256 = sha256(''x'') WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence SET sha256 = sha256(''x'') WHERE contract_id = 20000 AND evidence_no = 10');
SELECT pg_temp.is_found('UPDATE refund.evidence SET sha256 = ''\x00'' WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence SET digest = sha256(''x'') WHERE contract_id = 20000 AND evidence_no = 10');
SELECT pg_temp.tampered('UPDATE refund.evidence SET digest = ''\x00'' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence SET event_no = 2 WHERE contract_id = 20000 AND evidence_no = 10');
SELECT pg_temp.tampered('UPDATE refund.evidence SET evidence_no = 11 WHERE contract_id = 20000 AND evidence_no = 10');
SELECT pg_temp.tampered('DELETE FROM refund.evidence WHERE contract_id = 20000 AND evidence_no = 10');
SELECT pg_temp.tampered('DELETE FROM refund.evidence WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('INSERT INTO refund.evidence SELECT (jsonb_populate_record(e, ''{"evidence_no": 11}'')).* FROM refund.evidence e WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.contract SET evidence_count = 9 WHERE contract_id = 20000');
-- its body
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET statement = ''not the same'' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET statement = NULL WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET content = set_byte(content, 0, 0) WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET content = '''' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.is_found('UPDATE refund.evidence_body SET content = NULL WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.is_found('UPDATE refund.evidence_body SET content = NULL WHERE contract_id = 20000 AND evidence_no = 2');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET uri = ''https://example.org/2.png'' WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET uri = NULL WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET uri = statement, statement = NULL WHERE contract_id = 20000 AND evidence_no = 8');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET content = ''x'' WHERE contract_id = 20000 AND evidence_no = 4');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET content = ''x'' WHERE contract_id = 20000 AND evidence_no = 8');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET salt = sha256(''x'') WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET salt = '''' WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('DELETE FROM refund.evidence_body WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('UPDATE refund.evidence_body SET evidence_no = 10 WHERE contract_id = 20000 AND evidence_no = 3');
SELECT pg_temp.tampered('INSERT INTO refund.evidence_body SELECT (jsonb_populate_record(b, ''{"evidence_no": 10}'')).* FROM refund.evidence_body b WHERE contract_id = 20000 AND evidence_no = 8');
SELECT pg_temp.is_found('INSERT INTO refund.evidence_body SELECT (jsonb_populate_record(b, ''{"evidence_no": 11}'')).* FROM refund.evidence_body b WHERE contract_id = 20000 AND evidence_no = 8');
-- the event that says that one was erased
SELECT pg_temp.tampered('UPDATE refund.event SET item_no = 9 WHERE contract_id = 20000 AND kind = ''erase_evidence''');
-- the text of an event
SELECT pg_temp.tampered('UPDATE refund.statement SET body = body || ''.'' WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('UPDATE refund.statement SET body = body || ''.'', digest = sha256(salt || int4send(octet_length(body) + 1) || convert_to(body || ''.'', ''UTF8'')) WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('UPDATE refund.statement SET salt = ''\x00'' WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('UPDATE refund.statement SET digest = ''\x00'' WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('UPDATE refund.statement SET kind = ''decline_dispute'' WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('UPDATE refund.statement SET event_no = 99 WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('DELETE FROM refund.statement WHERE contract_id = 20000 AND kind = ''dispute_refund''');
SELECT pg_temp.tampered('INSERT INTO refund.statement SELECT (jsonb_populate_record(s, ''{"event_no": 3, "kind": "fund"}'')).* FROM refund.statement s WHERE contract_id = 20000 AND kind = ''dispute_refund''');
-- of a contract that is not there
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO refund.evidence_body SELECT (jsonb_populate_record(b, '{"contract_id": 20990}')).* FROM refund.evidence_body b WHERE contract_id = 20000 AND evidence_no = 8;
INSERT INTO refund.evidence SELECT (jsonb_populate_record(e, '{"contract_id": 20991}')).* FROM refund.evidence e WHERE contract_id = 20000 AND evidence_no = 8;
INSERT INTO refund.statement SELECT (jsonb_populate_record(s, '{"contract_id": 20992}')).* FROM refund.statement s WHERE contract_id = 20000 AND kind = 'dispute_refund';
SELECT * FROM refund.verify_all() ORDER BY 1;
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('evidence');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 20000 AND 20999;
SELECT (SELECT count(*) FROM refund.statement WHERE contract_id BETWEEN 20000 AND 20999), (SELECT count(*) FROM refund.evidence WHERE contract_id BETWEEN 20000 AND 20999), (SELECT count(*) FROM refund.evidence_body WHERE contract_id BETWEEN 20000 AND 20999);
