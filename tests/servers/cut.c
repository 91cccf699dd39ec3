/* A power cut, simulated: what a file holds survives only up to its last fsync or fdatasync. Deletions and renames count
   at once. Build: cc -O1 -shared -fPIC -o cut.so cut.c -ldl. Run a program with LD_PRELOAD=cut.so and CUT_DIR=<folder
   outside its own>, kill -9 it, and start it without the shim on a copy of CUT_DIR. Every sync copies the file, so
   databases must be small; names of files must differ, whatever folders they are in. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void keep(int fd) {
  const char *dir = getenv("CUT_DIR");
  char link[64], path[4096], beside[4400], kept[4400], buffer[65536];
  struct stat is;
  if (!dir || fstat(fd, &is) || !S_ISREG(is.st_mode)) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return;
  path[n] = 0;
  snprintf(kept, sizeof kept, "%s/%s", dir, base(path));
  snprintf(beside, sizeof beside, "%s/.%s.%ld", dir, base(path), syscall(SYS_gettid));
  int out = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) return;
  off_t at = 0;
  /* pread on the same descriptor: opening and closing the file once more would drop SQLite's locks on it. */
  while ((n = pread(fd, buffer, sizeof buffer, at)) > 0 && write(out, buffer, n) == n) at += n;
  close(out);
  rename(beside, kept); /* at once, so that a kill in here does no harm */
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  int done = real(fd);
  if (!done) keep(fd);
  return done;
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  int done = real(fd);
  if (!done) keep(fd);
  return done;
}

int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  int done = real(path);
  const char *dir = getenv("CUT_DIR");
  if (dir && !done) {
    char kept[4400];
    snprintf(kept, sizeof kept, "%s/%s", dir, base(path));
    real(kept);
  }
  return done;
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  int done = real(from, to);
  const char *dir = getenv("CUT_DIR");
  if (dir && !done && strncmp(from, dir, strlen(dir))) {
    char old[4400], new[4400];
    snprintf(old, sizeof old, "%s/%s", dir, base(from));
    snprintf(new, sizeof new, "%s/%s", dir, base(to));
    real(old, new);
  }
  return done;
}
