/*
 * evidence_rules.c
 *		What makes a piece of evidence acceptable.
 */
#include <string.h>

#include "evidence_rules.h"

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7F;
}

/* Characters of UTF-8 that show nothing: spaces of every width, joiners, marks of direction and order. */
static const char *const invisible[] = {
	"\xC2\xA0", "\xC2\xAD", "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83",
	"\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
	"\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xA8", "\xE2\x80\xA9",
	"\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7",
	"\xE2\x81\xA8", "\xE2\x81\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"
};

/* How many bytes of invisible character the text begins with; 0 when it shows something. */
static size_t
invisible_bytes(const char *text)
{
	if (is_control((unsigned char) text[0]) || text[0] == ' ')
		return 1;
	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
		if (strncmp(text, invisible[i], strlen(invisible[i])) == 0)
			return strlen(invisible[i]);
	return 0;
}

bool
text_is_blank(const char *text)
{
	while (*text != '\0')
	{
		size_t		bytes = invisible_bytes(text);

		if (bytes == 0)
			return false;
		text += bytes;
	}
	return true;
}

static bool
has_control(const char *text)
{
	for (const char *s = text; *s != '\0'; s++)
		if (is_control(*s))
			return true;
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 2045's tokens as RFC 6838 restricts them, parameters left to whoever reads them. */
static bool
is_media_type(const char *text)
{
	int			slashes = 0;
	char		before = '/';

	for (const char *s = text; *s != '\0' && *s != ';'; s++)
	{
		if (*s == '/')
		{
			slashes++;
			if (before == '/')
				return false;
		}
		else if (!is_letter(*s) && !is_digit(*s) && strchr("!#$&-^_.+", *s) == NULL)
			return false;
		before = *s;
	}
	return slashes == 1 && before != '/' && !has_control(text);
}

/* A scheme, a colon, and something without blanks: an address is stored, never followed. */
static bool
is_uri(const char *text)
{
	const char *s = text;

	if (!is_letter(*s))
		return false;
	while (is_letter(*s) || is_digit(*s) || *s == '+' || *s == '-' || *s == '.')
		s++;
	if (*s++ != ':' || *s == '\0')
		return false;
	return !has_control(s) && strchr(s, ' ') == NULL;
}

const char *
evidence_problem(const EvidenceItem *item)
{
	if (item->title == NULL || text_is_blank(item->title))
		return "title is missing";
	if (strlen(item->title) > EVIDENCE_TITLE_BYTES)
		return "title is too long";
	if (has_control(item->title))
		return "title has control characters";
	if (item->statement == NULL && item->uri == NULL && item->content == NULL)
		return "statement, uri and content are all missing";
	if (item->statement != NULL && text_is_blank(item->statement))
		return "statement is blank";
	if (item->statement != NULL && strlen(item->statement) > EVIDENCE_STATEMENT_BYTES)
		return "statement is too long";
	if (item->media_type == NULL && (item->uri != NULL || item->content != NULL))
		return "media_type is missing";
	if (item->media_type != NULL && strlen(item->media_type) > EVIDENCE_MEDIA_TYPE_BYTES)
		return "media_type is too long";
	if (item->media_type != NULL && !is_media_type(item->media_type))
		return "media_type is not of the form type/subtype";
	if (item->uri != NULL && strlen(item->uri) > EVIDENCE_URI_BYTES)
		return "uri is too long";
	if (item->uri != NULL && !is_uri(item->uri))
		return "uri is not of the form scheme:address";
	if (item->content != NULL && item->content_bytes == 0)
		return "content is empty";
	return NULL;
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
evidence_parse_digest(const char *text, uint8_t *digest)
{
	if (strlen(text) != 2 * EVIDENCE_HASH_BYTES)
		return false;
	for (int i = 0; i < EVIDENCE_HASH_BYTES; i++)
	{
		int			high = hex_value(text[2 * i]);
		int			low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}
