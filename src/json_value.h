/*
 * json_value.h
 *		Values of a JSON document that callers hand in.
 */
#ifndef REFUND_JSON_VALUE_H
#define REFUND_JSON_VALUE_H

#include "postgres.h"

#include "utils/jsonb.h"

/* The text of a JSON string, palloc'd; NULL for anything else. */
extern char *json_string(const JsonbValue *value);

/* A JSON number that is an integer by value, 2.0 and 1e3 included. */
extern bool json_integer(const JsonbValue *value, int64 min, int64 max, int64 *result);

#endif							/* REFUND_JSON_VALUE_H */
