/*
 * cron.h
 *		pg_cron, as far as others ask about it.
 */
#ifndef REFUND_CRON_H
#define REFUND_CRON_H

#include "postgres.h"

/* What the job that runs each minute calls. */
#define CRON_RUN_COMMAND "CALL refund.run_due()"

/* Is extension pg_cron in this database? */
extern bool cron_is_here(void);

/* The database where it lives or will; NULL when this server has not loaded it. */
extern const char *cron_database(void);

/* What this database's jobs are called, for people. */
extern const char *cron_job_names(void);

#endif							/* REFUND_CRON_H */
