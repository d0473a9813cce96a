/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/address.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/net/tcp.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

enum {
	ANSWER_MAX_BYTES = 64 * 1024, /* a name with more than a thousand addresses is no host */
	NUMERIC_BYTES = 64,
};

static const char *const resolve_ids[] = { "NAME_UNKNOWN", NULL };

/* With AI_NUMERICHOST getaddrinfo(3) reads no file and asks no name server. */
static int look_up(const char *name, int flags, struct gs_str *ret_lines)
{
	const struct addrinfo hints = { .ai_flags = flags, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int r = getaddrinfo(name, NULL, &hints, &list);

	if (r != 0)
		return r;
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		char text[NUMERIC_BYTES];

		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0,
				NI_NUMERICHOST) == 0)
			gs_str_addf(ret_lines, "%s\n", text);
	}
	freeaddrinfo(list);
	return 0;
}

static int ask(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const char *name = arg;
	int r;

	/*
	 * The resolver's modules open files and sockets and may do much else, so gs_seal() would
	 * break them; but the rights of nobody suffice, as for every ordinary user's program.
	 */
	if (gs_privs_be_nobody(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	r = look_up(name, 0, ret_answer);
	if (r == 0)
		return 0;
	gs_err_set(err, r == EAI_SYSTEM ? errno : ENOENT, "cannot resolve '%s': %s", name,
		   gai_strerror(r));
	return gs_err_cause(err, "NAME_UNKNOWN");
}

/* The child is confined, and names no fix: child.c blame_confined() */
static int unknown(const char *name, struct gs_err *err)
{
	return gs_err_fix(err, "use its address, or see what the resolver says: ", "getent",
			  "ahosts", name);
}

int gs_resolve(const char *name, int64_t deadline_ns, struct gs_strs *ret_addrs, struct gs_err *err)
{
	gs_autofree char *copy = gs_strdup(name);
	struct gs_child_req req = {
		.fn = ask,
		.arg = copy,
		.ids = resolve_ids,
		.deadline_ns = deadline_ns,
		.max_answer = ANSWER_MAX_BYTES,
		.confined = true,
	};
	gs_autostr struct gs_str answer = { 0 };
	struct gs_span rest, line;
	int r = look_up(name, AI_NUMERICHOST, &answer) == 0 ? 0 : gs_child_run(&req, &answer, err);

	if (r == -ETIMEDOUT) {
		gs_err_set(err, r, "cannot resolve '%s': the name server timed out", name);
		gs_err_cause(err, "NAME_SERVER_TIMEOUT");
		return gs_err_advise(err, "give the address instead of the name");
	}
	if (r < 0)
		return err->id ? unknown(name, err) : r;
	rest = gs_str_span(&answer);
	while (gs_span_cut(&rest, '\n', &line)) {
		gs_autofree char *text = gs_span_dup(line);

		if (text[0] && !gs_strs_has(ret_addrs, text))
			gs_strs_add(ret_addrs, text);
	}
	return 0;
}

int gs_address_facing(const char *addr, char **ret, struct gs_err *err)
{
	struct gs_endpoint to = { 0 };
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	char text[NUMERIC_BYTES];
	gs_autoclose int fd = -1;

	if (gs_endpoint_of(addr, 2049, &to, err) < 0)
		return err->code;
	fd = socket(to.addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to.addr, to.len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return gs_err_set(err, errno, "no route to %s: %s", addr, strerror(errno));
	if (getnameinfo((struct sockaddr *)&own, len, text, sizeof text, NULL, 0, NI_NUMERICHOST) !=
	    0)
		return gs_err_set(err, EINVAL, "cannot read the local address of the route to %s",
				  addr);
	*ret = gs_strdup(text);
	return 0;
}

static bool has_address(const struct ifaddrs *at, const char *addr)
{
	char text[NUMERIC_BYTES];
	socklen_t size = 0;

	if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET)
		size = sizeof(struct sockaddr_in);
	else if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET6)
		size = sizeof(struct sockaddr_in6);
	return size &&
	       getnameinfo(at->ifa_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
	       !strcmp(text, addr);
}

/* The size of an address that other hosts can know this host by; 0 for any other address. */
static socklen_t told_size(const struct ifaddrs *at)
{
	const struct sockaddr_in6 *v6 = (const void *)at->ifa_addr;

	if (!at->ifa_addr || at->ifa_flags & IFF_LOOPBACK)
		return 0;
	if (at->ifa_addr->sa_family == AF_INET)
		return sizeof(struct sockaddr_in);
	if (at->ifa_addr->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		return sizeof *v6;
	return 0;
}

char *gs_address_told(const struct ifaddrs *at)
{
	socklen_t size = told_size(at);
	char text[NUMERIC_BYTES];

	if (!size || getnameinfo(at->ifa_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST))
		return NULL;
	return gs_strdup(text);
}

int gs_addresses_own(struct gs_strs *ret, struct gs_err *err)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0)
		return gs_err_set(err, errno, "cannot read the addresses of this node: %s",
				  strerror(errno));
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		gs_autofree char *text = gs_address_told(at);

		if (text)
			gs_strs_add(ret, text);
	}
	freeifaddrs(list);
	return 0;
}

int gs_interface_of(const char *own_addr, struct gs_str *ret, struct gs_err *err)
{
	struct ifaddrs *list = NULL;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return gs_err_set(err, errno, "cannot read the addresses of this node: %s",
				  strerror(errno));
	for (const struct ifaddrs *at = list; at && !found; at = at->ifa_next) {
		found = has_address(at, own_addr);
		if (found)
			gs_str_adds(ret, at->ifa_name);
	}
	freeifaddrs(list);
	return found ? 0 : gs_err_set(err, ENODEV, "no interface has the address %s", own_addr);
}
