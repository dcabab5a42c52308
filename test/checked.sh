# shellcheck shell=bash
#
# test/checked.sh: a server that checks itself, built from the distribution's
# source packages: with assertions, which include that memory is overwritten when it is
# allocated and freed, and with what valgrind has to know of the server's memory.
# To be sourced after test/lib.sh.
#
#	checked_server		sets PG_CONFIG to it
#
# It is kept as /tmp/refund-checked-MAJOR (or below TMPDIR): remove that to build
# it anew.  Only installing packages needs root.

unset PG_CONFIG		# PG_MAJOR chooses

# own_apt apt-...: with lists of its own, as an ordinary user
own_apt() {
	local apt=$WORK/apt program=$1
	shift
	as_user "$program" -q=2 -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" \
		-o Dir::Etc::SourceList=- -o Dir::Etc::SourceParts="$apt/sources" "$@"
}

# The sources beside the packages: the machine's own lists of where to get
# packages, asked for sources.
list_sources() {
	local file
	as_user mkdir -p "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial" "$WORK/apt/sources" "$WORK/build" || return
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		if grep -qsF "$(apt-cache policy "postgresql-$PG_MAJOR" | grep -oE '[a-z+]+:/[^ ]+' | sort -u)" "$file"; then
			sed -E 's/^deb[[:space:]]/deb-src /; s/^(Types:).*/\1 deb-src/' "$file" |
				as_user tee "$WORK/apt/sources/${file##*/}" >/dev/null
		fi
	done
	own_apt apt-get update
}

# download PACKAGE: the newest source of it that can be had; a mirror that lags
# behind lists what it does not have yet
download() {
	local version
	for version in $(own_apt apt-cache showsrc "$1" | sed -n 's/^Version: //p' | sort -Vru); do
		own_apt apt-get source --download-only "$1=$version" && return
	done
	return 1
}

# unpack PACKAGE: its source in build/PACKAGE, without the patches that are for the
# distribution's paths
unpack() (
	SRC=$WORK/build
	download "$1" && as_user dpkg-source --skip-patches -x "$(compgen -G "$SRC/*.dsc")" "$SRC/$1" && rm "$SRC"/*.dsc
)

# A program like postgres.  Each process writes what valgrind finds in it to a log of its own.
under_valgrind() {
	cat <<-'END'
		#!/bin/sh
		exec valgrind --quiet --leak-check=no --num-callers=30 --error-markers='BEGIN ERROR,END ERROR' \
			--suppressions="${0%/*}/valgrind.supp" --log-file="$REFUND_WORK/log/valgrind.%p" "${0%/*}/postgres" "$@"
	END
}

# build_checked PREFIX
build_checked() {
	list_sources && unpack "postgresql-$PG_MAJOR" && as_user mkdir -p "$1" || return
	(
		SRC=$WORK/build/postgresql-$PG_MAJOR
		# zones as the distribution has them, because the tests' dates are by these
		as_user ./configure -q --prefix="$1" --with-system-tzdata=/usr/share/zoneinfo --without-readline --without-icu \
			--enable-tap-tests --enable-debug --enable-cassert CFLAGS="-O1 -fno-omit-frame-pointer" \
			CPPFLAGS="-DRANDOMIZE_ALLOCATED_MEMORY -DUSE_VALGRIND" &&
			as_user make -s -j "$(nproc)" && as_user make -s install &&
			as_user cp src/tools/valgrind.supp "$1/bin" &&
			under_valgrind | as_user tee "$1/bin/postgres-valgrind" >/dev/null && as_user chmod +x "$1/bin/postgres-valgrind"
	) || return
	# pgTAP is only SQL
	as_user cp "/usr/share/postgresql/$PG_MAJOR/extension/pgtap"* "$("$1/bin/pg_config" --sharedir)/extension" || return
	if unpack "postgresql-$PG_MAJOR-cron"; then
		(
			SRC=$WORK/build/postgresql-$PG_MAJOR-cron
			as_user make -s PG_CONFIG="$1/bin/pg_config" && as_user make -s PG_CONFIG="$1/bin/pg_config" install
		) || return
	fi
	as_user touch "$1/complete"
}

checked_server() {
	local prefix
	choose_user
	((EUID)) || chown -R "$WORK_USER:" "$WORK"
	prefix=$(new_workdir_name "checked-$PG_MAJOR")
	[[ ! -e $prefix || $(stat -c %U "$prefix") == "$WORK_USER" ]] || die "$prefix is somebody else's"
	if [[ ! -e $prefix/complete ]]; then
		rm -rf -- "$prefix"
		step "building a server that checks itself in $prefix" build_checked "$prefix" || die "cannot build it"
	fi
	PG_CONFIG=$prefix/bin/pg_config
	[[ -e $("$PG_CONFIG" --pkglibdir)/pg_cron.so ]] || say "no source of pg_cron can be had: what needs it is skipped"
}
