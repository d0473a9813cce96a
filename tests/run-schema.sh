#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What --json prints is what data/gshare.schema.json says. TAP is schema_check.py's.
exec /usr/bin/python3 "${abs_top_srcdir:-$PWD}/tests/schema_check.py" \
	"${abs_top_builddir:-$PWD}/gshare" "${abs_top_srcdir:-$PWD}/data/gshare.schema.json"
