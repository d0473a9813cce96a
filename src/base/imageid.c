/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/imageid.h"

#include <stddef.h>

#include "base/str.h"

/* From the USER or the useradd of their Dockerfiles; Debian's base image creates 33. */
static const struct {
	uint32_t id;
	bool is_postgres;
	const char *image;
} images[] = {
	{ 26, true, "the postgres images of Red Hat and CloudNativePG" },
	{ 33, false, "www-data of images made from Debian" },
	{ 70, true, "the postgres image made from Alpine" },
	{ 82, false, "www-data of images made from Alpine" },
	{ 100, false, "the first system user of an image: vault, haproxy" },
	{ 101, false, "nginx, clickhouse" },
	{ 185, false, "spark, jboss" },
	{ 200, false, "nexus" },
	{ 405, false, "guest of images made from Alpine" },
	{ 472, false, "grafana" },
	{ 999, true, "the official postgres image (of redis, mysql and mongo too)" },
	{ 1000, false, "the first user of an image: node, elasticsearch, jenkins" },
	{ 1001, true, "the images of Bitnami (postgresql among them)" },
};

const char *gs_image_of(uint32_t id)
{
	for (size_t i = 0; i < GS_COUNT(images); i++)
		if (images[i].id == id)
			return images[i].image;
	return NULL;
}

bool gs_image_is_postgres(uint32_t id)
{
	for (size_t i = 0; i < GS_COUNT(images); i++)
		if (images[i].id == id)
			return images[i].is_postgres;
	return false;
}
