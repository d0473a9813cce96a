/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main() of a fuzz target built without libFuzzer: feeds it the files named, or those in them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	uint8_t *data;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return perror(name), 1;
	if (S_ISDIR(st.st_mode)) {
		DIR *list = fdopendir(fd);
		int bad = 0;

		for (struct dirent *e; (e = readdir(list));)
			if (e->d_name[0] != '.')
				bad |= replay(dirfd(list), e->d_name);
		closedir(list);
		return bad;
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data || read(fd, data, (size_t)st.st_size) != st.st_size)
		return perror(name), 1;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	free(data);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	int bad = argc < 2;

	for (int i = 1; i < argc; i++)
		bad |= replay(AT_FDCWD, argv[i]);
	return bad;
}
