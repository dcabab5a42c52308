/*
 * no_chain.c
 *		For test/bench/audit.sh only: a library without the chain of hashes.
 *
 * The library that is measured is linked with --wrap=chain_next, so that this is
 * called in its place.  The extension itself has no such switch.
 */
#include "chain.h"

extern void __wrap_chain_next(const uint8 *previous, const Contract *c, const Step *step,
							  const ChainFacts *facts, uint8 *hash);

void
__wrap_chain_next(const uint8 *previous, const Contract *c, const Step *step,
				  const ChainFacts *facts, uint8 *hash)
{
	(void) previous;
	(void) c;
	(void) step;
	(void) facts;
	(void) hash;
}
