/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/package/package.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"

/* What is installed, by which command, and what its output means. */

static void add_words(const char *const *words, struct gs_str *out)
{
	for (size_t i = 0; words[i]; i++)
		gs_command(out, words[i]);
}

const char *gs_install_package(const struct gs_install *install)
{
	return install->manager->package[install->role];
}

/* The program by its name: the shell that it is pasted into finds it. */
void gs_install_command(const struct gs_install *install, struct gs_str *out)
{
	const struct gs_manager *manager = install->manager;

	for (size_t i = 0; i < manager->shown; i++) {
		gs_str_adds(out, i ? " " : "");
		gs_str_adds(out, manager->env[i]);
	}
	gs_command(out, manager->name);
	add_words(manager->install + 1, out);
	gs_command(out, gs_install_package(install));
}

void gs_install_fix(const struct gs_manager *manager, enum gs_role role, struct gs_str *out)
{
	if (!manager) {
		gs_str_adds(out, role == GS_ROLE_LEADER
					 ? "install nfs-kernel-server (Debian, Ubuntu, SUSE) or "
					   "nfs-utils (Fedora)"
					 : "install nfs-common (Debian, Ubuntu), nfs-utils "
					   "(Fedora) or nfs-client (SUSE)");
		return;
	}
	gs_command(out, "sudo");
	add_words(manager->typed, out);
	gs_command(out, manager->package[role]);
}

void gs_reinstall_fix(const struct gs_manager *manager, enum gs_role role, struct gs_str *out)
{
	if (!manager || !manager->repair[GS_PACKAGE_INCOMPLETE]) {
		gs_install_fix(NULL, role, out);
		return;
	}
	gs_command(out, "sudo");
	add_words(manager->repair[GS_PACKAGE_INCOMPLETE], out);
	gs_command(out, manager->package[role]);
}

int gs_install_refuse(const struct gs_manager *manager, enum gs_role role, struct gs_err *err)
{
	bool is_leader = role == GS_ROLE_LEADER;
	gs_autostr struct gs_str fix = { 0 };

	gs_err_set(err, ENOENT, "the NFS %s is not installed", is_leader ? "server" : "client");
	gs_err_cause(err, is_leader ? "SERVER_MISSING" : "CLIENT_MISSING");
	gs_install_fix(manager, role, &fix);
	return gs_err_fix_text(err, &fix);
}

const struct gs_package_stage *gs_package_stage(const struct gs_manager *manager,
						struct gs_span line)
{
	for (const struct gs_package_stage *s = manager->stages; s->begin; s++)
		if (gs_span_has_prefix(line, s->begin))
			return s;
	return NULL;
}

static bool has_words(struct gs_span line, const char *words)
{
	return memmem(line.ptr, line.len, words, strlen(words));
}

const struct gs_package_said *gs_package_read(const struct gs_manager *manager,
					      struct gs_span output, struct gs_span *ret_line)
{
	static const struct gs_package_said unknown = { "", GS_PACKAGE_FAILED, false };
	struct gs_span rest, line, last = { 0 };

	for (const struct gs_package_said *said = manager->said; said->words; said++) {
		rest = output;
		while (gs_span_cut(&rest, '\n', &line))
			if (line.len && has_words(line, said->words)) {
				*ret_line = gs_span_trim(line);
				return said;
			}
	}
	rest = output;
	while (gs_span_cut(&rest, '\n', &line))
		if (gs_span_trim(line).len)
			last = gs_span_trim(line);
	*ret_line = last;
	return &unknown;
}

bool gs_package_has_repository(const struct gs_manager *manager, struct gs_span output)
{
	struct gs_span line;

	while (gs_span_cut(&output, '\n', &line))
		for (size_t i = 0; manager->fetched[i]; i++)
			if (gs_span_has_prefix(line, manager->fetched[i]))
				return true;
	return false;
}
