/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "base/types.h"
#include "core/share/container.h"

/**
 * struct gs_starting_fact - a part of the kernel's NFS that shall work, maybe in a container;
 * borrowed
 * @server: that does not run, and shall; NULL: a client's mount is asked for
 * @leader, @target: of that mount; target NULL: the export's path
 * @typed:  the words after "gshare"; NULL: not known
 */
struct gs_starting_fact {
	const struct gs_container *container;
	const struct gs_server *server;
	const char *leader, *target;
	const struct gs_strs *typed;
};

/**
 * gs_server_start - the command that starts what does not run of a server: all of it, or rpc.mountd
 * Without systemd the programs are started as its units do: nothing of that is there after a boot.
 */
void gs_server_start(const struct gs_server *server, struct gs_str *out);

/** gs_server_is_hindered - can the server not be started, by any row of gs_checks_starting? */
bool gs_server_is_hindered(const struct gs_starting_fact *starting);
