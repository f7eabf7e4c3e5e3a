/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What targets, which see the kernel's headers, have of the user-space part
 */
#ifndef _SCST_FUZZ_H
#define _SCST_FUZZ_H

#include <linux/types.h>

/* A target: what libFuzzer calls with each input */
int fuzz_one_input(const u8 *data, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

/* A block of exactly this size, filled with @data, or with 0 without it */
void *fuzz_copy(const void *data, size_t size);
void fuzz_free(void *block);
/* AddressSanitizer's: nobody may touch this, or may again */
void __asan_poison_memory_region(const void *p, size_t size);
void __asan_unpoison_memory_region(const void *p, size_t size);
void fuzz_fail(const char *what, const char *file, int line) __noreturn;

#define fuzz_check(condition) \
	((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

#endif /* _SCST_FUZZ_H */
