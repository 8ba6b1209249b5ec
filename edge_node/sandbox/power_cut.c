/* Notes, in order, what a process does to the files under one folder, so that a power cut can be played afterwards.
 *
 * Preloaded into the process (LD_PRELOAD). EDGE_NODE_POWER_CUT_ROOT is the folder, EDGE_NODE_POWER_CUT_TRACE the
 * file that the notes are appended to. It changes nothing of what the process does: every call is made as it was
 * asked, and noted when it succeeded. A sync is noted twice, at its begin and at its end: only what was written
 * before the begin of a sync that ended is known to be on the disk.
 *
 * A note is a head (struct note, little-endian as these machines are) followed by `length` bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC 0x54554350u
#define FDS 65536

struct note {
    uint32_t magic;
    uint32_t kind;
    uint64_t number; /* of this note in its process */
    uint64_t file;   /* the opening it belongs to; 0 where it is about names */
    uint64_t a;      /* offset, length or the number of the note that began the sync */
    uint64_t length; /* of the bytes that follow */
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint64_t opened[FDS];
static uint64_t count, openings;
static char root[PATH_MAX];
static size_t root_length;
static int trace = -1;

static void die(const char *why) {
    (void)!syscall(SYS_write, 2, "power_cut: ", 11);
    (void)!syscall(SYS_write, 2, why, strlen(why));
    (void)!syscall(SYS_write, 2, "\n", 1);
    abort();
}

static uint64_t tell(char kind, uint64_t file, uint64_t a, const void *bytes, size_t length) {
    struct note head = {MAGIC, (uint32_t)kind, ++count, file, a, length};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, length}};
    if (syscall(SYS_writev, trace, parts, length ? 2 : 1) != (ssize_t)(sizeof head + length))
        die("the trace cannot be written");
    return head.number;
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("EDGE_NODE_POWER_CUT_ROOT"), *path = getenv("EDGE_NODE_POWER_CUT_TRACE");
    if (folder == NULL || path == NULL) return;
    root_length = strlen(folder);
    if (root_length == 0 || root_length >= sizeof root || folder[0] != '/') die("the root is not an absolute path");
    memcpy(root, folder, root_length + 1);
    int at = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* Out of the way: the numbers a program expects for its own files stay as they are. */
    trace = at < 0 ? -1 : fcntl(at, F_DUPFD_CLOEXEC, 512);
    if (trace < 0) die("the trace cannot be opened");
    syscall(SYS_close, at);
    /* Two processes may append to the same trace, one after the other. */
    openings = (uint64_t)getpid() << 32;
    tell('P', 0, (uint64_t)getpid(), NULL, 0);
}

static int is_ours(const char *path) {
    if (trace < 0 || strncmp(path, root, root_length) != 0) return 0;
    if (path[root_length] != '/' && path[root_length] != 0) return 0;
    /* SQLite's shared index of the log is memory: it does not outlive a power cut. */
    size_t length = strlen(path);
    return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

/* The absolute path of what a call names; empty where it is too long to be ours. */
static void absolute(int folder, const char *path, char out[PATH_MAX]) {
    char link[64];
    ssize_t length;
    out[0] = 0;
    if (trace < 0 || path == NULL) return;
    if (path[0] == '/') {
        if (strlen(path) < PATH_MAX) strcpy(out, path);
        return;
    }
    if (folder == AT_FDCWD)
        strcpy(link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    length = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
    if (length < 0 || (size_t)length + strlen(path) + 2 > PATH_MAX) {
        out[0] = 0;
        return;
    }
    out[length] = '/';
    strcpy(out + length + 1, path);
}

static uint64_t opening_of(int fd) { return fd >= 0 && fd < FDS ? opened[fd] : 0; }

/* Names */

static int open_noted(int folder, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    absolute(folder, path, whole);
    if (!is_ours(whole)) {
        int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
        if (fd >= 0 && fd < FDS) opened[fd] = 0;
        return fd;
    }
    pthread_mutex_lock(&turn);
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode), error = errno;
    if (fd >= FDS) die("too many open files");
    if (fd >= 0) {
        struct stat is;
        opened[fd] = ++openings;
        if (fstat(fd, &is) != 0) die("an open file cannot be looked at");
        tell(S_ISDIR(is.st_mode) ? 'd' : 'O', opened[fd], (uint64_t)mode, whole, strlen(whole));
        if ((flags & O_TRUNC) && S_ISREG(is.st_mode)) tell('T', opened[fd], 0, NULL, 0);
    }
    pthread_mutex_unlock(&turn);
    errno = error;
    return fd;
}

#define MODE_OF(flags, mode) \
    do { \
        if ((flags) & (O_CREAT | __O_TMPFILE)) { \
            va_list more; \
            va_start(more, flags); \
            mode = va_arg(more, mode_t); \
            va_end(more); \
        } \
    } while (0)

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_noted(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_noted(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_noted(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    mode_t mode = 0;
    MODE_OF(flags, mode);
    return open_noted(folder, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return open_noted(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    if (fd == trace && trace >= 0) return 0;
    if (fd >= 0 && fd < FDS) opened[fd] = 0;
    return (int)syscall(SYS_close, fd);
}

/* A call that changes names: made and noted in one turn. `b` is NULL where there is one name only. */
static int names_noted(char kind, int result_of, int folder_a, const char *a, int folder_b, const char *b, long flags) {
    char first[PATH_MAX], second[PATH_MAX] = "", both[2 * PATH_MAX];
    absolute(folder_a, a, first);
    if (b != NULL) absolute(folder_b, b, second);
    int noted = is_ours(first) || (b != NULL && is_ours(second));
    if (noted) pthread_mutex_lock(&turn);
    long done = -1;
    /* What a removed file held is given back when nobody has it open: for a large one that takes long enough for most
       kills to come in the middle of it. So only its name goes before it is noted. */
    int held = noted && result_of == SYS_unlinkat && flags == 0
        ? (int)syscall(SYS_openat, folder_a, a, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0) : -1;
    if (result_of == SYS_renameat2) done = syscall(SYS_renameat2, folder_a, a, folder_b, b, flags);
    if (result_of == SYS_linkat) done = syscall(SYS_linkat, folder_a, a, folder_b, b, flags);
    if (result_of == SYS_unlinkat) done = syscall(SYS_unlinkat, folder_a, a, flags);
    if (result_of == SYS_mkdirat) done = syscall(SYS_mkdirat, folder_a, a, flags);
    int error = errno;
    if (noted) {
        size_t one = strlen(first) + 1, two = b != NULL ? strlen(second) : 0;
        memcpy(both, first, one);
        memcpy(both + one, second, two);
        if (done == 0) tell(kind, 0, 0, both, b != NULL ? one + two : one - 1);
        if (held >= 0) syscall(SYS_close, held);
        pthread_mutex_unlock(&turn);
    }
    errno = error;
    return (int)done;
}

int renameat2(int from, const char *a, int to, const char *b, unsigned flags) {
    return names_noted('R', SYS_renameat2, from, a, to, b, (long)flags);
}
int renameat(int from, const char *a, int to, const char *b) { return renameat2(from, a, to, b, 0); }
int rename(const char *a, const char *b) { return renameat2(AT_FDCWD, a, AT_FDCWD, b, 0); }
int linkat(int from, const char *a, int to, const char *b, int flags) {
    return names_noted('L', SYS_linkat, from, a, to, b, flags);
}
int link(const char *a, const char *b) { return linkat(AT_FDCWD, a, AT_FDCWD, b, 0); }
int unlinkat(int folder, const char *path, int flags) {
    return names_noted('U', SYS_unlinkat, folder, path, AT_FDCWD, NULL, flags);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int done = unlink(path);
    return done != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : done;
}
int mkdirat(int folder, const char *path, mode_t mode) {
    return names_noted('M', SYS_mkdirat, folder, path, AT_FDCWD, NULL, (long)mode);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Bytes */

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    uint64_t file = opening_of(fd);
    if (file == 0) return syscall(SYS_pwrite64, fd, bytes, size, at);
    pthread_mutex_lock(&turn);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, size, at);
    int error = errno;
    if (done > 0) tell('W', file, (uint64_t)at, bytes, (size_t)done);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

ssize_t write(int fd, const void *bytes, size_t size) {
    uint64_t file = opening_of(fd);
    if (file == 0) return syscall(SYS_write, fd, bytes, size);
    pthread_mutex_lock(&turn);
    ssize_t done = syscall(SYS_write, fd, bytes, size);
    int error = errno;
    if (done > 0) {
        off_t end = syscall(SYS_lseek, fd, 0, SEEK_CUR);
        tell('W', file, (uint64_t)(end - done), bytes, (size_t)done);
    }
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

/* Written part by part: the caller hears of a short write, and goes on as it must anyhow. */
ssize_t writev(int fd, const struct iovec *parts, int n) {
    if (opening_of(fd) == 0 || n < 1) return syscall(SYS_writev, fd, parts, n);
    return write(fd, parts[0].iov_base, parts[0].iov_len);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) {
    if (opening_of(fd) != 0 && n > 0) return pwrite64(fd, parts[0].iov_base, parts[0].iov_len, at);
    return syscall(SYS_pwritev, fd, parts, n, (long)at, 0L);
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) { return pwritev64(fd, parts, n, at); }

/* Copies inside the kernel would pass unseen: who asks is told that it cannot be done, and copies by itself. */
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
    if (opening_of(to) == 0) return syscall(SYS_sendfile, to, from, at, size);
    errno = EINVAL;
    return -1;
}

ssize_t sendfile(int to, int from, off_t *at, size_t size) { return sendfile64(to, from, at, size); }

ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
    if (opening_of(to) == 0) return syscall(SYS_copy_file_range, from, a, to, b, size, flags);
    errno = ENOSYS;
    return -1;
}

int ftruncate64(int fd, off64_t size) {
    uint64_t file = opening_of(fd);
    if (file == 0) return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_ftruncate, fd, size), error = errno;
    if (done == 0) tell('T', file, (uint64_t)size, NULL, 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int truncate64(const char *path, off64_t size) {
    int fd = open_noted(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return -1;
    int done = ftruncate64(fd, size), error = errno;
    close(fd);
    errno = error;
    return done;
}

int truncate(const char *path, off_t size) { return truncate64(path, size); }

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
    uint64_t file = opening_of(fd);
    if (file == 0) return (int)syscall(SYS_fallocate, fd, mode, at, size);
    if (mode & ~FALLOC_FL_KEEP_SIZE) { /* holes and moved ranges are not played: nobody here makes them */
        errno = EOPNOTSUPP;
        return -1;
    }
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_fallocate, fd, mode, at, size), error = errno;
    if (done == 0 && mode == 0) tell('A', file, (uint64_t)(at + size), NULL, 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

int fallocate(int fd, int mode, off_t at, off_t size) { return fallocate64(fd, mode, at, size); }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return fallocate64(fd, 0, at, size) == 0 ? 0 : errno; }
int posix_fallocate(int fd, off_t at, off_t size) { return posix_fallocate64(fd, at, size); }

/* The disk. Others may write meanwhile; what they write is not covered. */
static int sync_noted(int fd, long call) {
    uint64_t file = opening_of(fd), began = 0;
    if (file == 0) return (int)syscall(call, fd);
    pthread_mutex_lock(&turn);
    began = tell('B', file, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    int done = (int)syscall(call, fd), error = errno;
    if (done == 0) {
        pthread_mutex_lock(&turn);
        tell('S', file, began, NULL, 0);
        pthread_mutex_unlock(&turn);
    }
    errno = error;
    return done;
}

int fsync(int fd) { return sync_noted(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_noted(fd, SYS_fdatasync); }
