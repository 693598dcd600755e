/* A disk that forgets: loaded before a program (LD_PRELOAD), it ends the program at a step of its choosing, as a power cut does.
 *
 * A step is a write at a place, or a sync, before and after. Until a file is synced each write to it is remembered with what it covered;
 * the cut puts that back. The file that POWER_CUT names holds two 64-bit numbers of this machine's: how many steps are left until the
 * cut (0: there is none), and what stays of what was not synced (0: nothing, 1: every other write). */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
    volatile int64_t left, stays;
};

struct unsynced {
    int file;
    off64_t at;
    size_t length;
    /* As it was, zeros where there was nothing, and as it is. */
    char *before, *after;
};

static struct orders *orders;
static struct unsynced *writes;
static size_t count, room;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static ssize_t (*true_write)(int, const void *, size_t, off64_t);
static int (*true_sync)(int);

static void broken(const char *what) {
    fprintf(stderr, "power cut: %s\n", what);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    true_write = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    true_sync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *path = getenv("POWER_CUT");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0 || !true_write || !true_sync)
        broken("no orders");
    void *mapped = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        broken("no orders");
    orders = mapped;
}

static void put(const struct unsynced *write, const char *bytes) {
    if (true_write(write->file, bytes, write->length, write->at) != (ssize_t)write->length)
        broken("what was not synced is not taken back");
}

static void cut(void) {
    for (size_t i = count; i-- > 0;)
        put(&writes[i], writes[i].before);
    for (size_t i = 0; i < count; i++)
        if (orders->stays && i % 2)
            put(&writes[i], writes[i].after);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void step(void) {
    if (orders->left > 0 && --orders->left == 0)
        cut();
}

static void remember(int file, const void *bytes, size_t length, off64_t at) {
    if (count == room) {
        room = room ? 2 * room : 64;
        writes = realloc(writes, room * sizeof *writes);
        if (!writes)
            broken("no memory");
    }
    struct unsynced write = {file, at, length, calloc(1, length + 1), malloc(length + 1)};
    if (!write.before || !write.after || pread64(file, write.before, length, at) < 0)
        broken("what a write covers is not read");
    memcpy(write.after, bytes, length);
    writes[count++] = write;
}

static void forget(int file) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (writes[i].file == file) {
            free(writes[i].before);
            free(writes[i].after);
        } else {
            writes[kept++] = writes[i];
        }
    }
    count = kept;
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
    pthread_mutex_lock(&one_at_a_time);
    step();
    remember(file, bytes, length, at);
    ssize_t written = true_write(file, bytes, length, at);
    pthread_mutex_unlock(&one_at_a_time);
    return written;
}

int fdatasync(int file) {
    pthread_mutex_lock(&one_at_a_time);
    step();
    int synced = true_sync(file);
    if (synced == 0)
        forget(file);
    step();
    pthread_mutex_unlock(&one_at_a_time);
    return synced;
}
