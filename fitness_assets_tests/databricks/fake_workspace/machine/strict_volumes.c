/* Makes a folder refuse what a Unity Catalog volume refuses, for the process that preloads this and its children.

   STRICT_VOLUMES       the folder; nothing else is touched
   STRICT_VOLUMES_SKEW  seconds that the clock of this machine's mount differs from another's

   Refused: rename, link, symlink and locks (ENOSYS), append, writes anywhere but behind what was written since the
   file was opened, truncation and shared writable maps (EOPNOTSUPP), and setting times, modes and owners (EPERM).
   Times are whole seconds and differ by the skew, a folder's are those of the mount, and inodes are the machine's own.
   Streams of the C library are refused by their mode alone: what they write does not come by here. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(type, name) static type (*real)() = NULL; if (!real) real = (type (*)())dlsym(RTLD_NEXT, name)
#define REFUSE(code) do { errno = (code); return -1; } while (0)

enum { OUTSIDE, READING, WRITING, APPENDING };
#define FILES 65536
static unsigned char kinds[FILES]; /* of each descriptor */

static const char *root(void) {
  static const char *value = NULL;
  if (!value) { value = getenv("STRICT_VOLUMES"); if (!value) value = ""; }
  return value;
}

static long skew(void) {
  static long value = LONG_MIN;
  if (value == LONG_MIN) { const char *text = getenv("STRICT_VOLUMES_SKEW"); value = text ? atol(text) : 0; }
  return value;
}

static int below(const char *path) {
  size_t length = strlen(root());
  return length && !strncmp(path, root(), length) && (path[length] == '/' || path[length] == 0);
}

static int inside(int folder, const char *path) {
  char base[PATH_MAX], whole[PATH_MAX * 2], link[64];
  ssize_t length;
  if (!*root() || !path) return 0;
  if (path[0] == '/') return below(path);
  snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
  length = readlink(link, base, sizeof base - 1);
  if (length < 0) return 0;
  base[length] = 0;
  snprintf(whole, sizeof whole, "%s/%s", base, path);
  return below(whole);
}

static int kind(int file) { return file >= 0 && file < FILES ? kinds[file] : OUTSIDE; }
static void set_kind(int file, int value) { if (file >= 0 && file < FILES) kinds[file] = (unsigned char)value; }

/* rename, link, symlink */

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  REAL(int, "renameat2");
  if (inside(from_folder, from) || inside(to_folder, to)) REFUSE(ENOSYS);
  return real(from_folder, from, to_folder, to, flags);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  REAL(int, "renameat");
  if (inside(from_folder, from) || inside(to_folder, to)) REFUSE(ENOSYS);
  return real(from_folder, from, to_folder, to);
}
int rename(const char *from, const char *to) {
  REAL(int, "rename");
  if (inside(AT_FDCWD, from) || inside(AT_FDCWD, to)) REFUSE(ENOSYS);
  return real(from, to);
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  REAL(int, "linkat");
  if (inside(from_folder, from) || inside(to_folder, to)) REFUSE(ENOSYS);
  return real(from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) {
  REAL(int, "link");
  if (inside(AT_FDCWD, from) || inside(AT_FDCWD, to)) REFUSE(ENOSYS);
  return real(from, to);
}
int symlinkat(const char *target, int folder, const char *path) {
  REAL(int, "symlinkat");
  if (inside(folder, path)) REFUSE(ENOSYS);
  return real(target, folder, path);
}
int symlink(const char *target, const char *path) {
  REAL(int, "symlink");
  if (inside(AT_FDCWD, path)) REFUSE(ENOSYS);
  return real(target, path);
}

/* opening: what a descriptor is for is known from then on */

static off_t size_of(int file) {
  static int (*real)(int, struct stat *) = NULL;
  struct stat status;
  if (!real) real = (int (*)(int, struct stat *))dlsym(RTLD_NEXT, "fstat");
  return real(file, &status) ? -1 : status.st_size;
}

static int opened(int file, int flags) {
  if (file < 0) return file;
  if ((flags & O_ACCMODE) == O_RDONLY) set_kind(file, READING);
  else set_kind(file, size_of(file) > 0 ? APPENDING : WRITING);
  return file;
}

#define OPENAT(name)                                                        \
  int name(int folder, const char *path, int flags, ...) {                  \
    REAL(int, #name);                                                       \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    mode_t mode = va_arg(more, mode_t);                                     \
    va_end(more);                                                           \
    if (!inside(folder, path)) return real(folder, path, flags, mode);      \
    if (flags & O_APPEND) REFUSE(EOPNOTSUPP);                               \
    return opened(real(folder, path, flags, mode), flags);                  \
  }
#define OPEN(name)                                                          \
  int name(const char *path, int flags, ...) {                              \
    REAL(int, #name);                                                       \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    mode_t mode = va_arg(more, mode_t);                                     \
    va_end(more);                                                           \
    if (!inside(AT_FDCWD, path)) return real(path, flags, mode);            \
    if (flags & O_APPEND) REFUSE(EOPNOTSUPP);                               \
    return opened(real(path, flags, mode), flags);                          \
  }
#define CREAT(name)                                                         \
  int name(const char *path, mode_t mode) {                                 \
    REAL(int, #name);                                                       \
    int file = real(path, mode);                                            \
    return inside(AT_FDCWD, path) ? opened(file, O_WRONLY) : file;          \
  }
#define FOPEN(name)                                                         \
  FILE *name(const char *path, const char *mode) {                          \
    REAL(FILE *, #name);                                                    \
    if (inside(AT_FDCWD, path) && (mode[0] == 'a' || strchr(mode, '+'))) {  \
      errno = EOPNOTSUPP;                                                   \
      return NULL;                                                          \
    }                                                                       \
    return real(path, mode);                                                \
  }
OPENAT(openat) OPENAT(openat64) OPEN(open) OPEN(open64) CREAT(creat) CREAT(creat64) FOPEN(fopen) FOPEN(fopen64)

int close(int file) {
  REAL(int, "close");
  set_kind(file, OUTSIDE);
  return real(file);
}
int dup(int file) {
  REAL(int, "dup");
  int copy = real(file);
  set_kind(copy, kind(file));
  return copy;
}
int dup2(int file, int copy) {
  REAL(int, "dup2");
  int result = real(file, copy);
  if (result >= 0) set_kind(copy, kind(file));
  return result;
}
int dup3(int file, int copy, int flags) {
  REAL(int, "dup3");
  int result = real(file, copy, flags);
  if (result >= 0) set_kind(copy, kind(file));
  return result;
}

/* writing: behind what was written, and not behind what was there before */

static int misplaced(int file, off_t offset) {
  static off_t (*seek)(int, off_t, int) = NULL;
  int known = kind(file);
  if (known == OUTSIDE || known == READING) return 0;
  if (known == APPENDING) return 1;
  if (!seek) seek = (off_t (*)(int, off_t, int))dlsym(RTLD_NEXT, "lseek");
  return (offset < 0 ? seek(file, 0, SEEK_CUR) : offset) != size_of(file);
}

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(ssize_t, "write");
  if (misplaced(file, -1)) REFUSE(EOPNOTSUPP);
  return real(file, bytes, count);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev");
  if (misplaced(file, -1)) REFUSE(EOPNOTSUPP);
  return real(file, parts, count);
}
#define PWRITE(name)                                                        \
  ssize_t name(int file, const void *bytes, size_t count, off_t offset) {   \
    REAL(ssize_t, #name);                                                   \
    if (misplaced(file, offset)) REFUSE(EOPNOTSUPP);                        \
    return real(file, bytes, count, offset);                                \
  }
PWRITE(pwrite) PWRITE(pwrite64)

#define FTRUNCATE(name)                                                     \
  int name(int file, off_t length) {                                        \
    REAL(int, #name);                                                       \
    if (kind(file) != OUTSIDE) REFUSE(EOPNOTSUPP);                          \
    return real(file, length);                                              \
  }
#define TRUNCATE(name)                                                      \
  int name(const char *path, off_t length) {                                \
    REAL(int, #name);                                                       \
    if (inside(AT_FDCWD, path)) REFUSE(EOPNOTSUPP);                         \
    return real(path, length);                                              \
  }
#define MMAP(name)                                                                              \
  void *name(void *at, size_t length, int protection, int flags, int file, off_t offset) {      \
    REAL(void *, #name);                                                                        \
    if (kind(file) != OUTSIDE && (flags & MAP_SHARED) && (protection & PROT_WRITE)) {           \
      errno = EOPNOTSUPP;                                                                       \
      return MAP_FAILED;                                                                        \
    }                                                                                           \
    return real(at, length, protection, flags, file, offset);                                   \
  }
FTRUNCATE(ftruncate) FTRUNCATE(ftruncate64) TRUNCATE(truncate) TRUNCATE(truncate64) MMAP(mmap) MMAP(mmap64)

/* locks */

int flock(int file, int operation) {
  REAL(int, "flock");
  if (kind(file) != OUTSIDE) REFUSE(ENOSYS);
  return real(file, operation);
}
#define FCNTL(name)                                                                             \
  int name(int file, int command, ...) {                                                        \
    REAL(int, #name);                                                                           \
    va_list more;                                                                               \
    va_start(more, command);                                                                    \
    void *argument = va_arg(more, void *);                                                      \
    va_end(more);                                                                               \
    int is_lock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||        \
                  command == F_OFD_SETLKW;                                                      \
    if (is_lock && kind(file) != OUTSIDE) REFUSE(ENOSYS);                                       \
    if (command == F_SETFL && ((long)argument & O_APPEND) && kind(file) != OUTSIDE)             \
      REFUSE(EOPNOTSUPP);                                                                       \
    int result = real(file, command, argument);                                                 \
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) set_kind(result, kind(file));         \
    return result;                                                                              \
  }
FCNTL(fcntl) FCNTL(fcntl64)

/* times, modes and owners are not set */

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  REAL(int, "utimensat");
  if (inside(folder, path) || (kind(folder) != OUTSIDE && !inside(AT_FDCWD, path))) REFUSE(EPERM);
  return real(folder, path, times, flags);
}
int futimens(int file, const struct timespec times[2]) {
  REAL(int, "futimens");
  if (kind(file) != OUTSIDE) REFUSE(EPERM);
  return real(file, times);
}
int utimes(const char *path, const struct timeval times[2]) {
  REAL(int, "utimes");
  if (inside(AT_FDCWD, path)) REFUSE(EPERM);
  return real(path, times);
}
int chmod(const char *path, mode_t mode) {
  REAL(int, "chmod");
  if (inside(AT_FDCWD, path)) REFUSE(EPERM);
  return real(path, mode);
}
int fchmod(int file, mode_t mode) {
  REAL(int, "fchmod");
  if (kind(file) != OUTSIDE) REFUSE(EPERM);
  return real(file, mode);
}
int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  REAL(int, "fchmodat");
  if (inside(folder, path)) REFUSE(EPERM);
  return real(folder, path, mode, flags);
}
int chown(const char *path, uid_t user, gid_t group) {
  REAL(int, "chown");
  if (inside(AT_FDCWD, path)) REFUSE(EPERM);
  return real(path, user, group);
}

/* what one sees of a file */

static void blur(struct stat *status) {
  struct timespec none = {skew(), 0};
  status->st_ino = status->st_ino * 31 + (ino_t)skew();
  if (S_ISDIR(status->st_mode)) {
    status->st_mtim = status->st_ctim = status->st_atim = none;
    return;
  }
  status->st_mtim.tv_sec += skew();
  status->st_mtim.tv_nsec = 0;
  status->st_ctim = status->st_atim = status->st_mtim;
}

#define STAT(name)                                                          \
  int name(const char *path, struct stat *status) {                         \
    REAL(int, #name);                                                       \
    int result = real(path, status);                                        \
    if (!result && inside(AT_FDCWD, path)) blur(status);                    \
    return result;                                                          \
  }
#define FSTAT(name)                                                         \
  int name(int file, struct stat *status) {                                 \
    REAL(int, #name);                                                       \
    int result = real(file, status);                                        \
    if (!result && kind(file) != OUTSIDE) blur(status);                     \
    return result;                                                          \
  }
#define FSTATAT(name)                                                       \
  int name(int folder, const char *path, struct stat *status, int flags) {  \
    REAL(int, #name);                                                       \
    int result = real(folder, path, status, flags);                         \
    int seen = *path ? inside(folder, path) : kind(folder) != OUTSIDE;      \
    if (!result && seen) blur(status);                                      \
    return result;                                                          \
  }
#define XSTAT(name)                                                         \
  int name(int version, const char *path, struct stat *status) {            \
    REAL(int, #name);                                                       \
    int result = real(version, path, status);                               \
    if (!result && inside(AT_FDCWD, path)) blur(status);                    \
    return result;                                                          \
  }
#define FXSTAT(name)                                                        \
  int name(int version, int file, struct stat *status) {                    \
    REAL(int, #name);                                                       \
    int result = real(version, file, status);                               \
    if (!result && kind(file) != OUTSIDE) blur(status);                     \
    return result;                                                          \
  }
#define FXSTATAT(name)                                                                    \
  int name(int version, int folder, const char *path, struct stat *status, int flags) {   \
    REAL(int, #name);                                                                     \
    int result = real(version, folder, path, status, flags);                              \
    int seen = *path ? inside(folder, path) : kind(folder) != OUTSIDE;                    \
    if (!result && seen) blur(status);                                                    \
    return result;                                                                        \
  }
STAT(stat) STAT(lstat) FSTAT(fstat) FSTATAT(fstatat)
XSTAT(__xstat) XSTAT(__xstat64) XSTAT(__lxstat) XSTAT(__lxstat64) FXSTAT(__fxstat) FXSTAT(__fxstat64)
FXSTATAT(__fxstatat) FXSTATAT(__fxstatat64)

/* The two kinds of `struct stat` are one where a file may be large without being asked for. */
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "a machine of 64 bits");
int stat64(const char *path, struct stat64 *status) { return stat(path, (struct stat *)status); }
int lstat64(const char *path, struct stat64 *status) { return lstat(path, (struct stat *)status); }
int fstat64(int file, struct stat64 *status) { return fstat(file, (struct stat *)status); }
int fstatat64(int folder, const char *path, struct stat64 *status, int flags) {
  return fstatat(folder, path, (struct stat *)status, flags);
}

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *status) {
  REAL(int, "statx");
  int result = real(folder, path, flags, mask, status);
  int seen = *path ? inside(folder, path) : kind(folder) != OUTSIDE;
  if (!result && seen) {
    struct statx_timestamp none = {.tv_sec = skew()};
    status->stx_ino = status->stx_ino * 31 + (unsigned long)skew();
    status->stx_mtime.tv_sec += skew();
    status->stx_mtime.tv_nsec = 0;
    if (S_ISDIR(status->stx_mode)) status->stx_mtime = none;
    status->stx_ctime = status->stx_atime = status->stx_btime = status->stx_mtime;
  }
  return result;
}
