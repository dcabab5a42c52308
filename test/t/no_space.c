/*
 * no_space.c
 *		Preloaded into a server: no file grows whose path has the text in it that
 *		the file named by NO_SPACE holds, as on a full disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int
refused(int fd, off_t end)
{
	const char *flag = getenv("NO_SPACE");
	char		part[64];
	char		link[64];
	char		path[4096];
	struct stat st;
	ssize_t		n;
	int			in = flag == NULL ? -1 : open(flag, O_RDONLY);

	if (in < 0)
		return 0;
	n = read(in, part, sizeof(part) - 1);
	close(in);
	if (n <= 0)
		return 0;
	part[n] = '\0';
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	if (strstr(path, part) == NULL || fstat(fd, &st) != 0 || end <= st.st_size)
		return 0;
	errno = ENOSPC;
	return 1;
}

#define REAL(name) ((__typeof__(name) *) dlsym(RTLD_NEXT, #name))

ssize_t
pwrite64(int fd, const void *buf, size_t count, off64_t offset)
{
	return refused(fd, offset + count) ? -1 : REAL(pwrite64)(fd, buf, count, offset);
}

ssize_t
pwrite(int fd, const void *buf, size_t count, off_t offset)
{
	return pwrite64(fd, buf, count, offset);
}

ssize_t
pwritev64(int fd, const struct iovec *iov, int iovcnt, off64_t offset)
{
	off64_t		end = offset;

	for (int i = 0; i < iovcnt; i++)
		end += iov[i].iov_len;
	return refused(fd, end) ? -1 : REAL(pwritev64)(fd, iov, iovcnt, offset);
}

ssize_t
pwritev(int fd, const struct iovec *iov, int iovcnt, off_t offset)
{
	return pwritev64(fd, iov, iovcnt, offset);
}

int
posix_fallocate64(int fd, off64_t offset, off64_t len)
{
	return refused(fd, offset + len) ? ENOSPC : REAL(posix_fallocate64)(fd, offset, len);
}

int
posix_fallocate(int fd, off_t offset, off_t len)
{
	return posix_fallocate64(fd, offset, len);
}
