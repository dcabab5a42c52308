/*
 * contract_tables.h
 *		The tables that a contract consists of.
 */
#ifndef REFUND_CONTRACT_TABLES_H
#define REFUND_CONTRACT_TABLES_H

/*
 * X(name) for each, separated by commas; the contract's own row is last, because
 * the guards of the others look at it when a contract goes as a whole.
 */
#define EACH_TABLE_OF_A_CONTRACT(X) \
	X("notification"), X("evidence_body"), X("evidence"), X("statement"), \
	X("refund_payment"), X("arbitration_fee"), X("reversal"), X("transfer"), \
	X("deposit"), X("milestone"), X("event"), X("contract")

#endif							/* REFUND_CONTRACT_TABLES_H */
