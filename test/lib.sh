# shellcheck shell=bash
#
# test/lib.sh: what test/run, demo/run and the longer runs share.  To be sourced
# by bash (which Debian and Ubuntu always have; nothing else is taken for
# granted).  In this order:
#
#	make_workdir DIR			everything below happens in there
#	ensure_packages KIND		install what is missing
#	copy_server					a private copy of the installed PostgreSQL
#	copy_tree					a clean copy of the source tree
#	build						make and make install, copy into copy
#	start_server DATABASE		a private server, pg_cron preloaded for DATABASE
#	tap_program FILE			a TAP program, which makes its own servers
#	leave_running				at the end neither stop nor remove anything
#
# as_user COMMAND... runs a command as the user that owns all that, with the
# copy's programs first in PATH; job COMMAND... runs one so that Ctrl-C ends it.
#
# The installed PostgreSQL and the source tree are only read, so runs neither
# disturb each other nor any server of the machine.  However the caller ends,
# Ctrl-C included, no process and no directory is left.

set -u -o pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=				# the work directory
JOB=				# process group of what runs now
SERVER=				# the program to start as the private server, if not postgres itself

# What the caller's shell or make was told about other servers and other builds
# is not for us; PG_CONFIG and PG_MAJOR are.
for name in ${!PG*}; do
	case $name in
		PG_CONFIG | PG_MAJOR) ;;
		*) unset "$name" ;;
	esac
done
unset name MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CDPATH
export LC_ALL=C.UTF-8


# ---- messages ----

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}


# ---- processes: started in groups of their own, so that all of one can be ended ----

# The shell stays in `wait`, which a signal interrupts, and not in a foreground
# command, which would hold the signal back.
job_start() {
	set -m
	"$@" </dev/null &
	JOB=$!
	set +m
}

job() {
	local status=0
	job_start "$@"
	wait "$JOB" || status=$?
	JOB=
	return $status
}

# step HEADING COMMAND...: quiet unless it fails; a sign of life every 15 seconds
step() {
	local heading=$1 log=$WORK/log/step.log status=0 shown=$SECONDS
	shift
	say "$heading"
	job_start "$@" >"$log" 2>&1
	while kill -0 "$JOB" 2>/dev/null; do
		sleep 0.1
		if ((SECONDS - shown >= 15)); then
			shown=$SECONDS
			say "    still $heading"
		fi
	done
	wait "$JOB" || status=$?
	JOB=
	((status)) && tail -n 60 "$log" >&2
	return $status
}

# step_to_the_end HEADING COMMAND...: for what would do harm half done
step_to_the_end() {
	local status=0
	HOLD=$1
	step "$@" || status=$?
	HOLD=
	[[ $HELD ]] && on_signal "$HELD"
	return $status
}

HOLD=				# why a signal must wait
HELD=				# the exit status of one that waits

on_signal() {
	if [[ $HOLD ]]; then
		HELD=$1
		say "will stop; first $HOLD, which must not stay half done"
		return
	fi
	trap '' INT TERM HUP PIPE
	exit "$1"
}

at_exit() {
	local status=$?
	trap '' INT TERM HUP PIPE
	trap - EXIT
	end_jobs
	if [[ $WORK ]]; then
		if [[ ${KEEP:-0} == 1 && $status -lt 128 ]]; then
			stop_server
			end_strays
			echo "kept: $WORK"
		else
			remove_workdir
		fi
	fi
	exit "$status"
}

arm_traps() {
	trap at_exit EXIT
	trap 'on_signal 130' INT
	trap 'on_signal 143' TERM
	trap 'on_signal 129' HUP
	trap 'on_signal 141' PIPE
}

end_jobs() {
	local group
	for group in $(jobs -p) $JOB; do
		kill -TERM -- "-$group" 2>/dev/null
		# apt-get, which runs as root
		[[ ${USES_SUDO:-} ]] && sudo -n kill -TERM -- "-$group" 2>/dev/null
	done
	JOB=
}

# process_start PID: when it started, in the kernel's clock ticks
process_start() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return
	# the name in parentheses may contain anything
	stat=${stat##*) }
	cut -d' ' -f20 <<<"$stat"
}

# Every process of this run, servers that daemonised themselves included: it
# carries our mark in its environment, or executes a copy of postgres of ours
# (which overwrites its environment).  Never ourselves.
strays() {
	local proc postgres
	{
		grep -lszFx -e "REFUND_WORK=$WORK" /proc/[0-9]*/environ | grep -oE '[0-9]+'
		for postgres in "$WORK"/{bin,old}/postgres; do
			[[ -e $postgres ]] || continue
			for proc in /proc/[0-9]*; do
				if [[ $proc/exe -ef $postgres ]]; then
					echo "${proc#/proc/}"
				fi
			done
		done
	} 2>/dev/null | sort -u | grep -vx "$$"
}

end_strays() {
	local try signal=TERM pids=
	for try in {1..100}; do
		pids=$(strays)
		[[ $pids ]] || return 0
		((try == 10)) && signal=QUIT
		((try == 50)) && signal=KILL
		# shellcheck disable=SC2086
		kill "-$signal" $pids 2>/dev/null
		sleep 0.1
	done
	echo "still running: $pids" >&2
}


# ---- who does what ----

# PostgreSQL does not run as root: everything but installing packages is done
# by an ordinary user.
choose_user() {
	WORK_USER=$(id -un)
	((EUID)) && return
	for WORK_USER in postgres nobody; do
		id "$WORK_USER" >/dev/null 2>&1 && return
	done
	die "as root I need a user postgres or nobody to run the server"
}

# In a directory that the user may enter, which the caller's need not be.
as_user() (
	env=(env "HOME=$WORK" "USER=$WORK_USER" "LOGNAME=$WORK_USER" "TMPDIR=$WORK/tmp"
		"PATH=${BINDIR:+$BINDIR:}$PATH" "REFUND_WORK=$WORK")
	cd "${SRC:-$WORK}" || exit
	if ((EUID)); then
		exec "${env[@]}" "$@"
	fi
	exec setpriv --reuid="$WORK_USER" --regid="$(id -g "$WORK_USER")" --init-groups "${env[@]}" "$@"
)

as_root() {
	if ((EUID)); then
		sudo "$@"
	else
		"$@"
	fi
}


# ---- the work directory ----

# new_workdir_name NAME: short, because the path of a unix socket may have only
# 107 characters
new_workdir_name() {
	local base=${TMPDIR:-/tmp}
	((${#base} > 40)) && base=/tmp
	echo "$base/refund-$1"
}

# make_workdir DIR: the name is known before the directory exists, so no signal
# can come between making it and knowing what to remove
make_workdir() {
	arm_traps
	[[ ! -e $1 && ! -L $1 ]] || die "$1 exists already"
	WORK=$1
	mkdir -m 700 "$WORK" || die "cannot make $WORK"
	mkdir "$WORK/log" "$WORK/tmp"
}

remove_workdir() {
	stop_server
	end_strays
	[[ -O $WORK || $EUID == 0 ]] && [[ -d $WORK && ! -L $WORK ]] && rm -rf -- "$WORK"
	WORK=
}

leave_running() { WORK=; }


# ---- packages ----

FIRST_MAJOR=15
LAST_MAJOR=18

# complete MAJOR: is everything of that server here that building needs?
complete() {
	local lib=/usr/lib/postgresql/$1
	[[ -x $lib/bin/postgres && -x $lib/bin/pg_config && -e $lib/lib/pgxs/src/makefiles/pgxs.mk ]]
}

distribution_major() {
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | sort -n | tail -n 1
}

# The distribution's, unless the machine has only another one.
choose_major() {
	local n shipped
	[[ ${PG_MAJOR:-} || ${PG_CONFIG:-} ]] && return
	shipped=$(distribution_major)
	for n in $shipped $(seq $LAST_MAJOR -1 $FIRST_MAJOR); do
		if complete "$n"; then
			PG_MAJOR=$n
			return
		fi
	done
	PG_MAJOR=$shipped
	[[ $PG_MAJOR ]]
}

# packages test|demo|fuzz|matrix|checked|sqlsmith
packages() {
	case $1 in
		fuzz)
			echo clang libclang-rt-dev
			return
			;;
		checked) echo dpkg-dev bison flex zlib1g-dev libpq-dev libipc-run-perl valgrind "postgresql-$PG_MAJOR-pgtap" ;;
		sqlsmith) echo sqlsmith ;;
		matrix)
			echo debootstrap
			return
			;;
	esac
	echo gcc libc6-dev make perl
	if [[ ! ${PG_CONFIG:-} ]]; then
		echo "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR" "postgresql-$PG_MAJOR-cron"
	fi
	if [[ $1 == test ]]; then
		echo libtap-parser-sourcehandler-pgtap-perl libipc-run-perl python3 iso-codes patch ${COVERAGE:+gcovr}
		[[ ${PG_CONFIG:-} ]] || echo "postgresql-$PG_MAJOR-pgtap"
		echo ${OLD_MAJOR:+"postgresql-$OLD_MAJOR" "postgresql-server-dev-$OLD_MAJOR"}
	fi
}

missing_packages() {
	local package
	for package in $(packages "$1"); do
		if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
			echo "$package"
		fi
	done
}

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Mirrors fail at times, and another apt may hold the lists.
retry() {
	local try
	for try in 1 2 3; do
		"$@" && return
		((try == 3)) || sleep $((try * 5))
	done
	return 1
}

# May ask for a password, so not in the background.
ask_for_root() {
	((EUID)) || return 0
	command -v sudo >/dev/null || die "packages are missing: run me once as root, or install sudo"
	sudo -v || die "packages are missing: installing them needs root"
	USES_SUDO=1
}

apt_update() {
	step "updating package lists" retry apt_get update ||
		say "no success; trying with the lists that are here"
}

# Installing a server package makes and starts a cluster for the whole machine,
# unless this says no; it is there only meanwhile.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/refund-install.conf

install_without_cluster() {
	local status=0
	as_root mkdir -p "${NO_CLUSTER%/*}" &&
		echo "create_main_cluster = false" | as_root tee "$NO_CLUSTER" >/dev/null || return
	apt_get install -y --no-install-recommends "$@" || status=$?
	as_root rm -f "$NO_CLUSTER"
	return $status
}

# ensure_packages test|demo|fuzz|matrix|checked|sqlsmith
ensure_packages() {
	local updated='' missing
	if ! command -v apt-get >/dev/null; then
		ensure_tools
		return
	fi
	if ! choose_major; then
		ask_for_root
		apt_update
		updated=1
		choose_major || die "apt knows no package postgresql"
	fi
	mapfile -t missing < <(missing_packages "$1")
	if ((${#missing[@]})); then
		ask_for_root
		[[ $updated ]] || apt_update
		step "downloading packages: ${missing[*]}" \
			retry apt_get install -y --no-install-recommends --download-only "${missing[@]}" ||
			die "cannot download ${missing[*]}"
		step_to_the_end "installing packages" install_without_cluster "${missing[@]}" ||
			die "cannot install ${missing[*]}"
	fi
	[[ ${PG_CONFIG:-} ]] || PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
}

# Not Debian, not Ubuntu: whoever is here installs by hand.
ensure_tools() {
	local tool
	PG_CONFIG=${PG_CONFIG:-pg_config}
	for tool in gcc make perl "$PG_CONFIG"; do
		command -v "$tool" >/dev/null || die "please install $tool, and PostgreSQL with its development files"
	done
}


# ---- the private copy of server and tree ----

# A PostgreSQL installation finds its own files relative to its programs, so a
# copy under another root, with the same paths below, is complete and installs
# extensions into itself.
copy_server() {
	local system=$PG_CONFIG
	choose_user
	((EUID)) || chown -R "$WORK_USER:" "$WORK"
	step "copying PostgreSQL $("$system" --version | cut -d' ' -f2)" copy_server_files "$system" ||
		die "cannot copy the server's files"
	BINDIR=$WORK/root$("$system" --bindir)
	as_user ln -s "$BINDIR" "$WORK/bin"
	PG_CONFIG=$BINDIR/pg_config
	PGXS_DIR=$(dirname "$(as_user "$PG_CONFIG" --pgxs)")/../..
	[[ $PGXS_DIR == "$WORK"/* ]] ||
		die "the copy of PostgreSQL in $WORK does not work (mounted noexec? set TMPDIR)"
}

copy_server_files() {
	local option dir
	for option in --bindir --pkglibdir --sharedir; do
		dir=$("$1" $option) || return
		as_user mkdir -p "$WORK/root$dir" && as_user cp -RP --preserve=mode,timestamps "$dir/." "$WORK/root$dir" || return
	done
	for option in --includedir --pkgincludedir --includedir-server --libdir; do
		dir=$("$1" $option) || return
		[[ -e $WORK/root$dir ]] && continue
		as_user mkdir -p "$(dirname "$WORK/root$dir")" && as_user ln -s "$dir" "$WORK/root$dir" || return
	done
}

# .gitignore as options of tar: one list says what does not belong to the tree
tree_excludes() {
	local pattern
	echo --exclude=./.git
	while read -r pattern; do
		case $pattern in
			'' | '#'*) ;;
			/*) printf '%s\n' --anchored "--exclude=.${pattern%/}" ;;
			*) printf '%s\n' --no-anchored "--exclude=${pattern%/}" ;;
		esac
	done <"$TOP/.gitignore"
}

copy_tree_files() {
	local excludes
	mapfile -t excludes < <(tree_excludes)
	tar -C "$TOP" --no-wildcards-match-slash "${excludes[@]}" -cf - . |
		as_user tar -C "$SRC" --no-same-owner -xf -
}

copy_tree() {
	as_user mkdir "$WORK/src"
	SRC=$WORK/src
	step "copying the source tree" copy_tree_files || die "cannot copy the source tree"
}

# COVERAGE=1 builds for gcov: what runs leaves its counts beside the objects.
make_and_install() {
	as_user make -s -j "$(nproc)" PG_CONFIG="$PG_CONFIG" ${COVERAGE:+"COPT=--coverage -O0"} all &&
		as_user make -s PG_CONFIG="$PG_CONFIG" install
}

build() {
	step "building the extension" make_and_install || return
	grep 'warning:' "$WORK/log/step.log" || :
}


# ---- the private server ----

# Only a unix socket, in a directory that is ours alone: the port is but a part
# of the socket's name.
start_server() {
	export PGHOST=$WORK/socket PGPORT=${2:-65432} PGUSER=postgres
	DATA=$WORK/data
	as_user mkdir -m 700 "$PGHOST"
	step "making a private server" as_user initdb -D "$DATA" -U postgres -A trust \
		-E UTF8 --locale=C.UTF-8 --no-sync || die "initdb failed"
	server_settings "$1" | as_user tee -a "$DATA/postgresql.conf" >/dev/null
	step "starting it" as_user pg_ctl -D "$DATA" ${SERVER:+-p "$SERVER"} -l "$WORK/log/server.log" -s -w -t 600 start || {
		tail -n 30 "$WORK/log/server.log" >&2
		die "the server does not start"
	}
}

server_settings() {
	cat <<-EOF
		listen_addresses = ''
		port = $PGPORT
		unix_socket_directories = '$PGHOST'
		fsync = off
		max_prepared_transactions = 10
	EOF
	if [[ -e $(as_user pg_config --pkglibdir)/pg_cron.so ]]; then
		cat <<-EOF
			shared_preload_libraries = 'pg_cron'
			cron.database_name = '$1'
			cron.host = '$PGHOST'
		EOF
	fi
}

# server_pid: of our server, if it runs; a stale file may name anything
server_pid() {
	local pid
	read -r pid 2>/dev/null <"$WORK/data/postmaster.pid" || return
	{ [[ /proc/$pid/exe -ef $WORK/bin/postgres ]] || grep -qszFx -e "REFUND_WORK=$WORK" "/proc/$pid/environ"; } && echo "$pid"
}

stop_server() {
	local pid try
	pid=$(server_pid) || return 0
	kill -INT "$pid" 2>/dev/null
	for try in {1..100}; do
		kill -0 "$pid" 2>/dev/null || return 0
		((try == 50)) && kill -QUIT "$pid" 2>/dev/null
		sleep 0.1
	done
}


# ---- TAP programs with servers of their own ----

# tap_program FILE [NAME=VALUE...]: as PGXS's prove_installcheck runs it
tap_program() {
	local file=$1
	shift
	as_user mkdir -p tmp_check/log
	as_user env -u PGHOST -u PGUSER "$@" TESTDIR="$SRC" TESTDATADIR="$SRC/tmp_check" \
		TESTLOGDIR="$SRC/tmp_check/log" PGPORT=65432 PG_REGRESS="$PGXS_DIR/src/test/regress/pg_regress" \
		perl -I "$PGXS_DIR/src/test/perl" -I test/t "$file"
}
