/*
 * What the clients of a measurement call beside what is measured: where each of
 * them says how much processor time it has used, and where they wait until all
 * have filled their caches.
 */
CREATE UNLOGGED TABLE cpu_note (measurement integer, client integer, calls integer, ns bigint);

/* Empty where the kernel does not tell. */
CREATE FUNCTION note_cpu(measurement integer, client integer, calls integer)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO cpu_note
	SELECT $1, $2, $3, split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::bigint
$$;

/* The locks stay until the session ends, so who comes late may find one gone, but then also its note. */
CREATE FUNCTION start_together(measurement integer, clients integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_lock_shared(measurement);
	WHILE (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = measurement::oid) < clients
		AND NOT EXISTS (SELECT FROM cpu_note n WHERE n.measurement = start_together.measurement)
	LOOP
		PERFORM pg_sleep(0.001);
	END LOOP;
END
$$;
