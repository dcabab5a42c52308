/* link: evidence_rules */
/*
 * evidence.c
 *		The texts of a piece of evidence, as they come out of its JSON: without
 *		NUL, else anything.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence_rules.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next text of the input, on its own so that a byte too many read is seen; NULL when it is absent. */
static char *
next_text(const uint8_t **data, const uint8_t *end)
{
	const uint8_t *stop;
	char	   *text;

	if (*data == end)
		return NULL;
	stop = memchr(*data, '\0', end - *data);
	if (stop == NULL)
		stop = end;
	text = malloc(stop - *data + 1);
	if (text == NULL)
		abort();
	memcpy(text, *data, stop - *data);
	text[stop - *data] = '\0';
	*data = stop == end ? end : stop + 1;
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	char	   *text[5];
	uint8_t		digest[EVIDENCE_HASH_BYTES];
	EvidenceItem item;

	for (int i = 0; i < 5; i++)
		text[i] = next_text(&data, end);
	item = (EvidenceItem) {
		.title = text[0],.media_type = text[1],.statement = text[2],.uri = text[3],
		.content = (const uint8_t *) text[4],.content_bytes = text[4] != NULL ? (int64_t) strlen(text[4]) : 0
	};
	/* what is accepted can be told apart and read */
	if (evidence_problem(&item) == NULL &&
		(text_is_blank(item.title) || strpbrk(item.title, "\r\n") != NULL ||
		 (item.content != NULL && item.media_type == NULL)))
		abort();
	if (text[0] != NULL && evidence_parse_digest(text[0], digest) && strlen(text[0]) != 2 * sizeof(digest))
		abort();
	for (int i = 0; i < 5; i++)
		free(text[i]);
	return 0;
}
