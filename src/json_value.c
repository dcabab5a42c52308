/*
 * json_value.c
 *		Values of a JSON document that callers hand in.
 */
#include "postgres.h"

#include "utils/numeric.h"

#include "compat.h"
#include "json_value.h"

char *
json_string(const JsonbValue *value)
{
	return value->type == jbvString ?
		pnstrdup(value->val.string.val, value->val.string.len) : NULL;
}

bool
json_integer(const JsonbValue *value, int64 min, int64 max, int64 *result)
{
	char	   *digits;
	char	   *end;

	if (value->type != jbvNumeric)
		return false;
	digits = numeric_normalize(value->val.numeric);
	errno = 0;
	*result = strtoll(digits, &end, 10);
	return errno == 0 && *end == '\0' && *result >= min && *result <= max;
}
