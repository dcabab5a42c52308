/*
 * version.h
 *		Whether the library and the extension's SQL belong together.
 */
#ifndef REFUND_VERSION_H
#define REFUND_VERSION_H

/* Refuses a library that is not of the version of the extension in this database. */
extern void require_version(void);

#endif							/* REFUND_VERSION_H */
