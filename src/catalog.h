/*
 * catalog.h
 *		The oids of our own tables, types and enum labels.
 *
 * They are looked up once and again after any change of a schema, so that they
 * survive DROP EXTENSION and CREATE EXTENSION in one session.
 */
#ifndef REFUND_CATALOG_H
#define REFUND_CATALOG_H

#include "postgres.h"

typedef enum Table
{
	TABLE_CONTRACT,
	TABLE_EVENT,
	TABLE_TRANSFER,
	TABLE_MILESTONE,
	TABLE_DEPOSIT,
	TABLE_REFUND_PAYMENT,
	TABLE_STATEMENT,
	TABLE_EVIDENCE,
	TABLE_EVIDENCE_BODY,
	TABLE_ARBITRATION_FEE,
	TABLE_NOTIFICATION,
	TABLE_REVERSAL
} Table;
#define TABLES (TABLE_REVERSAL + 1)

/* The enums whose labels the pure files list. */
typedef enum EnumType
{
	ENUM_CONTRACT_KIND,
	ENUM_CONTRACT_STATE,
	ENUM_MILESTONE_STATE,
	ENUM_REQUEST_STATE,
	ENUM_OUTCOME,
	ENUM_PARTY,
	ENUM_EVENT_KIND,
	ENUM_ACCOUNT,
	ENUM_PAYMENT_PURPOSE,
	ENUM_PAYMENT_STATE,
	ENUM_NOTIFICATION_STATE,
	ENUM_HOLD_KIND,
	ENUM_REVERSAL_KIND,
	ENUM_REVERSAL_STATE
} EnumType;
#define ENUM_TYPES (ENUM_REVERSAL_STATE + 1)

extern Oid	table_oid(Table table);
extern Oid	amount_oid(void);

/* Between a label's position in its C list and its oid as a Datum. */
extern Datum enum_datum(EnumType type, int value);
extern int	enum_value(EnumType type, Datum datum);
extern const char *enum_label(EnumType type, int value);

#endif							/* REFUND_CATALOG_H */
