// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's sources have here instead of the kernel. Sees the headers
 * of libc only; types that only the kernel has are what the ABI makes of them.
 * What is simple enough in the kernel is linked as it is: see Makefile.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long jiffies;
unsigned long random_kmalloc_seed;
void *kmalloc_caches[64 * 64];

void *fuzz_copy(const void *data, size_t size)
{
	void *block = calloc(1, size);

	if (!block)
		abort();
	if (data && size)
		memcpy(block, data, size);
	return block;
}

void fuzz_free(void *block)
{
	free(block);
}

void fuzz_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/* RCU, seen by lockdep: there is nobody else. */
char rcu_lock_map[256];

void lock_acquire(void *map, unsigned int subclass, int trylock, int read,
		  int check, void *nest_lock, unsigned long ip)
{
}

void lock_release(void *map, unsigned long ip)
{
}

int debug_lockdep_rcu_enabled(void)
{
	return 0;
}

bool rcu_is_watching(void)
{
	return true;
}

void *__kmalloc_noprof(size_t size, unsigned int flags)
{
	return fuzz_copy(NULL, size);
}

void *__kmalloc_cache_noprof(void *cache, unsigned int flags, size_t size)
{
	return fuzz_copy(NULL, size);
}

void *__kvmalloc_node_noprof(size_t size, unsigned int flags, int node)
{
	return fuzz_copy(NULL, size);
}

void kfree(const void *object)
{
	free((void *)object);
}

void kvfree(const void *object)
{
	free((void *)object);
}

/* Atomic operations ask KASAN, if the kernel has it; ASan sees them anyway. */
bool __kasan_check_read(const void *p, unsigned int size)
{
	return true;
}

bool __kasan_check_write(const void *p, unsigned int size)
{
	return true;
}
