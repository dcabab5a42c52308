# refund: a PostgreSQL extension, built with PGXS.
#
#   make && make install && make installcheck     PG_CONFIG=... chooses the server
#   make help                                     the rest

EXTENSION = refund
MODULE_big = refund

# The version lives in one place, the control file.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(EXTENSION).control)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)


# ---- what is built ----

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))

# The install script is the concatenation of src/NAME.sql in this order: an
# object must come after what it names.  A file that neither list names comes
# between the two, and make says so.
SQL_FIRST = refund currency amount time_limit append_only calendar policy contract evidence \
	notification archive_tables report archive verb activation question sweep audit verify anchor
SQL_LAST = cron drop_guard health access

sql_part = $(patsubst %,src/%.sql,$(1))
SQL_UNLISTED := $(sort $(filter-out $(call sql_part,$(SQL_FIRST) $(SQL_LAST)),$(wildcard src/*.sql)))
$(if $(SQL_UNLISTED),$(warning not in the SQL order of the Makefile: $(SQL_UNLISTED)))
SQL_PARTS := $(wildcard $(call sql_part,$(SQL_FIRST))) $(SQL_UNLISTED) \
	$(wildcard $(call sql_part,$(SQL_LAST)))

INSTALL_SCRIPT_FILE = $(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(INSTALL_SCRIPT_FILE)
# From each released version to the next.
DATA = $(sort $(wildcard src/upgrade/$(EXTENSION)--*--*.sql))

# -isystem: -Wextra is for our code, not for the server's headers.
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server)
# The library knows its version, to refuse another one's SQL.
PG_CPPFLAGS += -DREFUND_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Werror=implicit-function-declaration
ifneq ($(filter-out 0 no false,$(CI) $(WERROR)),)
PG_CFLAGS += -Werror
endif

# The server loads every extension into one namespace of symbols: our own calls
# must find our own functions.
comma := ,
SHLIB_LINK = $(if $(filter linux,$(PORTNAME)),-Wl$(comma)-Bsymbolic)

# Bitcode for JIT inlining would need the clang that the server was built with;
# `make with_llvm=yes` asks for it.
ifneq ($(origin with_llvm),command line)
override with_llvm = no
endif


# ---- pg_regress and the isolation tester: make installcheck ----

# The extension is there when a test starts, so that each test can run alone.
REGRESS := $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --inputdir=. --load-extension=$(EXTENSION)

ISOLATION := $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --load-extension=$(EXTENSION)

# test/t runs through prove_installcheck, not through installcheck: it makes its
# own servers and takes minutes.
PROVE_TESTS := $(sort $(wildcard test/t/*.pl))

EXTRA_CLEAN = $(EXTENSION)--*.sql src/*.gcno src/*.gcda tmp_check


# ---- rules ----

.DEFAULT_GOAL := all

ifneq ($(PGXS),)
include $(PGXS)

$(OBJS): $(wildcard src/*.h) Makefile $(EXTENSION).control

# Written whole or not at all, so that an interrupted make leaves no half script.
$(INSTALL_SCRIPT_FILE): $(SQL_PARTS) Makefile $(EXTENSION).control
	cat $(SQL_PARTS) > $@.tmp
	mv $@.tmp $@

.PHONY: prove_installcheck
prove_installcheck:
	$(prove_installcheck)
else
.PHONY: all install installcheck uninstall clean
all install installcheck uninstall clean:
	@echo "$(PG_CONFIG) does not work here: set PG_CONFIG, or install the server's development package" >&2
	@echo "(make test and make demo install by themselves what they need)" >&2
	@exit 1
endif

# These install what is missing and use a private copy of the server; they are
# plain shell, because a bare machine has no make.
.PHONY: demo demo-stop test matrix soak crash bench faults model mutants fuzz assert valgrind sqlsmith coverage proof lint help
demo:
	@demo/run

demo-stop:
	@demo/stop

test:
	@test/run

matrix:
	@test/matrix $(KINDS)

soak:
	@test/soak

crash:
	@test/crash

bench:
	@test/bench/run

faults:
	@test/faults

model:
	@test/model/explore --long

mutants:
	@MUTANTS=all test/run mutants

fuzz:
	@test/fuzz/run

assert:
	@test/assert

valgrind:
	@test/valgrind $(TESTS)

sqlsmith:
	@test/sqlsmith/run

proof:
	@test/proof

coverage:
	@COVERAGE=1 test/run unit regress isolation pgtap simulate tap

SHELL_SCRIPTS = demo/run demo/stop test/run test/matrix test/soak test/crash test/lib.sh test/model/explore test/fuzz/run test/assert test/valgrind \
	test/sqlsmith/run test/proof .ci/run \
	$(wildcard test/unit/check_*) $(wildcard test/bench/run)

lint:
	shellcheck -x $$(grep -lE '^#!.*\b(ba)?sh\b' $(SHELL_SCRIPTS))
	$(if $(PGXS),$(MAKE) --no-print-directory clean)
	$(if $(PGXS),$(MAKE) --no-print-directory WERROR=1 all)

help:
	@echo "make                 build                     (PG_CONFIG=... chooses the server)"
	@echo "make install         install into that server"
	@echo "make installcheck    pg_regress and isolation tests against a running server"
	@echo "make prove_installcheck    TAP tests, with servers of their own"
	@echo "make WERROR=1        warnings are errors"
	@echo
	@echo "make demo            the story, on a private throw-away server"
	@echo "make demo-stop       ends that server"
	@echo "make test            every test, on a private throw-away server"
	@echo "make matrix          the tests on other PostgreSQL, in chroots  (KINDS=\"regress tap\")"
	@echo "make soak            many random cases against the reference model (SEEDS=1..200)"
	@echo "make crash           many kill -9 under load, and what is left (KILLS=200, SEED=n)"
	@echo "make bench           benchmarks (FULL=1 measures longer)"
	@echo "make faults          which test covers which line of the catalogue of faults"
	@echo "make model           every state that small contracts can reach"
	@echo "make mutants         seeded bugs, and whether the tests catch them"
	@echo "make fuzz            random input to the pure core, with sanitizers (RUNS=20000000 a target)"
	@echo "make assert          the tests on a server with assertions, built from source packages"
	@echo "make valgrind        sql/*.sql under valgrind on that server (TESTS=... only some)"
	@echo "make sqlsmith        random queries of roles without special rights (QUERIES=n a role, SEED=n)"
	@echo "make coverage        lines and branches of C that the tests run"
	@echo "make proof           all of these, and one table of what they found"
	@echo "make lint            shellcheck, and a build with -Werror"
	@echo "make clean           remove build products"
