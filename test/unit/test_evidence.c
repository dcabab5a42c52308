/* link: src/evidence_rules.c */
/*
 * test_evidence.c
 *		Unit test of what makes a piece of evidence acceptable.  Prints TAP.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_rules.h"

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *format,...)
{
	va_list		args;

	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - ", passed ? "" : "not ", tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* Texts as C writes them, for the names of tests. */
static const char *
shown(const char *text)
{
	static char buffer[200];
	size_t		n = 0;

	if (text == NULL)
		return "NULL";
	for (const char *s = text; *s != '\0' && n < 60; s++)
	{
		unsigned char c = (unsigned char) *s;

		n += (size_t) (c < 0x20 || c >= 0x7F || c == '#'
					   ? sprintf(buffer + n, "\\x%02x", c) : sprintf(buffer + n, "%c", c));
	}
	buffer[n] = '\0';
	return buffer;
}

static char *
repeated(char c, size_t n)
{
	char	   *result = malloc(n + 1);

	memset(result, c, n);
	result[n] = '\0';
	return result;
}

static EvidenceItem
sound_item(void)
{
	EvidenceItem item = {.title = "a title",.statement = "what I say",.byte_size = -1};

	return item;
}

/* The problem of an item is this one, NULL for none. */
static void
expect(const EvidenceItem *item, const char *problem, const char *what)
{
	const char *found = evidence_problem(item);

	ok(found == problem || (found != NULL && problem != NULL && strcmp(found, problem) == 0),
	   "%s: %s", what, problem != NULL ? problem : "taken");
}

static void
test_blank(void)
{
	static const struct
	{
		const char *text;
		bool		blank;
	}			cases[] = {
		{"", true}, {" ", true}, {"\t\r\n\v\f", true}, {"\x7f", true}, {"\x01 \x1f", true},
		{"x", false}, {"  x  ", false}, {".", false}, {"\xc3\xa9", false}, {"\xe2\x82\xac", false},
		/* what shows nothing: no-break space, soft hyphen, joiners, marks of direction, a byte order mark */
		{"\xc2\xa0", true}, {"\xc2\xad", true}, {"\xe2\x80\x8b", true}, {"\xe2\x80\x8d", true}, {"\xe2\x80\x8e", true},
		{"\xe3\x80\x80", true}, {"\xef\xbb\xbf", true}, {" \xe2\x80\x8b\n\xc2\xa0", true},
		{"\xe2\x80\x8bx", false}, {"x\xe2\x80\x8b", false},
		/* the first byte of one, and another character */
		{"\xc2\xa1", false}, {"\xe2\x80\x9c", false}, {"\xe3\x80\x81", false}, {"\xc2", false}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(text_is_blank(cases[i].text) == cases[i].blank, "\"%s\" is %sblank", shown(cases[i].text),
		   cases[i].blank ? "" : "not ");
}

static void
test_title(void)
{
	static const struct
	{
		const char *title;
		const char *problem;
	}			cases[] = {
		{NULL, "title is missing"}, {"", "title is missing"}, {"  ", "title is missing"},
		{"\t", "title is missing"}, {"x", NULL}, {" x ", NULL}, {"../../x", NULL}, {"a/b\\c:d", NULL},
		{"a\tb", "title has control characters"}, {"a\nb", "title has control characters"},
		{"a\x1b[31m", "title has control characters"}, {"a\x7f", "title has control characters"},
		{"\xc3\xa9", NULL}, {"e\xcc\x81", NULL}, {"\xe2\x80\xaegpj.exe", NULL}, {"%s%n", NULL}
	};
	EvidenceItem item = sound_item();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		item.title = cases[i].title;
		expect(&item, cases[i].problem, shown(cases[i].title));
	}
	item.title = repeated('t', EVIDENCE_TITLE_BYTES);
	expect(&item, NULL, "1000 bytes of title");
	item.title = repeated('t', EVIDENCE_TITLE_BYTES + 1);
	expect(&item, "title is too long", "1001 bytes of title");
}

/* One of statement, uri and content at least; a media type with the last two. */
static void
test_parts(void)
{
	static const uint8_t byte = 0;

	for (int parts = 0; parts < 16; parts++)
	{
		EvidenceItem item = {
			.title = "x",
			.statement = parts & 1 ? "s" : NULL,
			.uri = parts & 2 ? "urn:x" : NULL,
			.content = parts & 4 ? &byte : NULL,
			.content_bytes = parts & 4 ? 1 : 0,
			.media_type = parts & 8 ? "text/plain" : NULL
		};
		char		what[100];

		sprintf(what, "with%s%s%s%s", parts & 1 ? " statement" : "", parts & 2 ? " uri" : "",
				parts & 4 ? " content" : "", parts & 8 ? " media_type" : "");
		expect(&item,
			   (parts & 7) == 0 ? "statement, uri and content are all missing"
			   : (parts & 6) != 0 && (parts & 8) == 0 ? "media_type is missing" : NULL, what);
	}
	{
		EvidenceItem item = sound_item();

		item.statement = repeated('s', EVIDENCE_STATEMENT_BYTES);
		expect(&item, NULL, "80000 bytes of statement");
		item.statement = repeated('s', EVIDENCE_STATEMENT_BYTES + 1);
		expect(&item, "statement is too long", "80001 bytes of statement");
		item.statement = " \n";
		expect(&item, "statement is blank", "a blank statement");
		item.media_type = "text/plain";
		item.content = &byte;
		item.content_bytes = 1;
		expect(&item, "statement is blank", "a blank statement beside a content");
		item.statement = NULL;
		item.content_bytes = 0;
		expect(&item, "content is empty", "no byte of content");
		item.content_bytes = INT64_MAX;
		expect(&item, NULL, "how much is the policy's business");
	}
}

static void
test_media_type(void)
{
	static const char *const good[] = {
		"text/plain", "TEXT/Plain", "a/b", "image/svg+xml", "application/vnd.a-b.c+json", "x/!#$&-^_.+",
		"text/plain;charset=utf-8", "text/plain; charset=\"utf-8\"", "text/plain;", "text/plain; a/b", "0/1"
	};
	static const char *const bad[] = {
		"", "/", "text", "text/", "/plain", "text//plain", "text/plain/x", "text/plain/", " text/plain",
		"text /plain", "text/plain ;x", ";text/plain", "te*t/plain", "t\xc3\xa9xt/plain", "text/plain;\n",
		"text/plain\x01", "text/plain, a/b", "*/*", "text/pl@in", "text\\plain", "text/;x", "text/plain;\x7f"
	};
	EvidenceItem item = sound_item();

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		item.media_type = good[i];
		expect(&item, NULL, shown(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		item.media_type = bad[i];
		expect(&item, "media_type is not of the form type/subtype", shown(bad[i]));
	}
	/* every single byte as a subtype */
	{
		char		text[] = "a/?";
		int			taken = 0;

		item.media_type = text;
		for (int c = 1; c < 256; c++)
		{
			text[2] = (char) c;
			taken += evidence_problem(&item) == NULL;
		}
		ok(taken == 26 + 26 + 10 + 9, "71 characters make a token (RFC 6838), found %d", taken);
	}
	{
		char	   *text = repeated('y', EVIDENCE_MEDIA_TYPE_BYTES + 1);

		text[1] = '/';
		item.media_type = text;
		expect(&item, "media_type is too long", "256 bytes of media type");
		text[EVIDENCE_MEDIA_TYPE_BYTES] = '\0';
		expect(&item, NULL, "255 bytes of media type");
	}
}

static void
test_uri(void)
{
	static const char *const good[] = {
		"urn:x", "a:b", "HTTPS://EXAMPLE.ORG/", "s3+v4.a-b:x", "a:b:c", "file:///etc/passwd",
		"javascript:alert(1)", "https://example.org/\xc3\xa4?q=%20", "x1:y", "a:%00"
	};
	static const char *const bad[] = {
		"", "x", ":x", "x:", "1x:y", "+x:y", "a_b:y", "\xc3\xa4:x", "/etc/passwd", "../x", "a: b", "a:b c",
		" a:b", "a:b ", "a:\x01", "a:b\n", "a:\x7f", "a b:c"
	};
	EvidenceItem item = sound_item();
	char	   *text = repeated('x', EVIDENCE_URI_BYTES + 1);

	item.media_type = "text/plain";
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		item.uri = good[i];
		expect(&item, NULL, shown(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		item.uri = bad[i];
		expect(&item, "uri is not of the form scheme:address", shown(bad[i]));
	}
	text[1] = ':';
	item.uri = text;
	expect(&item, "uri is too long", "2001 bytes of address");
	text[EVIDENCE_URI_BYTES] = '\0';
	expect(&item, NULL, "2000 bytes of address");
}

/* The first problem is the one that is told. */
static void
test_order(void)
{
	EvidenceItem item = {.title = "",.statement = "",.uri = "x",.media_type = "x",.content_bytes = 0};
	static const uint8_t byte = 0;

	item.content = &byte;
	expect(&item, "title is missing", "everything is wrong");
	item.title = "x";
	expect(&item, "statement is blank", "the title was mended");
	item.statement = NULL;
	expect(&item, "media_type is not of the form type/subtype", "the statement was mended");
	item.media_type = "x/y";
	expect(&item, "uri is not of the form scheme:address", "the media type was mended");
	item.uri = "x:y";
	expect(&item, "content is empty", "the address was mended");
	item.content_bytes = 1;
	expect(&item, NULL, "and the content");
}

static void
test_digest(void)
{
	char		text[2 * EVIDENCE_HASH_BYTES + 2];
	uint8_t		digest[EVIDENCE_HASH_BYTES];
	uint8_t		expected[EVIDENCE_HASH_BYTES];
	int			refused = 0;

	for (int i = 0; i < EVIDENCE_HASH_BYTES; i++)
	{
		expected[i] = (uint8_t) (i * 37 + 5);
		sprintf(text + 2 * i, i % 2 == 0 ? "%02x" : "%02X", expected[i]);
	}
	ok(evidence_parse_digest(text, digest) && memcmp(digest, expected, sizeof(digest)) == 0,
	   "64 hexadecimal digits, upper and lower case");
	/* one digit, each place, every byte */
	for (int place = 0; place < 2 * EVIDENCE_HASH_BYTES; place++)
	{
		char		digit = text[place];

		for (int c = 1; c < 256; c++)
		{
			bool		is_hex = strchr("0123456789abcdefABCDEF", c) != NULL;

			text[place] = (char) c;
			refused += evidence_parse_digest(text, digest) == is_hex;
		}
		text[place] = digit;
	}
	ok(refused == 64 * 255, "other characters than digits are refused at every place");
	text[63] = '\0';
	ok(!evidence_parse_digest(text, digest), "63 digits are not enough");
	strcpy(text + 63, "00");
	ok(!evidence_parse_digest(text, digest), "65 are too many");
	ok(!evidence_parse_digest("", digest), "none is none");
}

int
main(void)
{
	test_blank();
	test_title();
	test_parts();
	test_media_type();
	test_uri();
	test_order();
	test_digest();
	printf("1..%d\n", tests);
	return failures == 0 ? 0 : 1;
}
