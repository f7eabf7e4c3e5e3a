// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information: made, checked, compared, and in scatterlists.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scst/pi.h>

/* Most blocks, and most bytes, of a test */
#define PI_BLOCKS	24
#define PI_BYTES	(PI_BLOCKS * 4096)

struct pi_env {
	struct scst_pi_blocks	blocks;
	struct scst_pi_blocks	back;
	u8			*wire;
};

static void pi_blocks(struct kunit *test, struct scst_pi_blocks *blocks,
		      u8 shift)
{
	blocks->nr = PI_BLOCKS;
	blocks->shift = shift;
	blocks->data = kunit_kzalloc(test, PI_BYTES, GFP_KERNEL);
	blocks->tuples = kunit_kzalloc(test, PI_BLOCKS * SCST_PI_LEN,
				       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, blocks->data);
	KUNIT_ASSERT_NOT_NULL(test, blocks->tuples);
}

/* Data that is the same in each run */
static void pi_fill(struct scst_pi_blocks *blocks)
{
	u32 i;

	for (i = 0; i < PI_BYTES; i++)
		blocks->data[i] = i * 7 + (i >> 9) * 3;
}

/* CRC with polynomial 8BB7h, bit by bit (SBC-4 4.21.3) */
static u16 pi_crc(const u8 *data, size_t len)
{
	u16 crc = 0;
	int bit;

	for (; len; len--, data++) {
		crc ^= *data << 8;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x8bb7 : crc << 1;
	}
	return crc;
}

static const u8 pi_shifts[] = { 9, 10, 11, 12 };

KUNIT_ARRAY_PARAM(pi_shift, pi_shifts, NULL);

/**
 * struct pi_vector - one of the standard's examples (SBC-4 table 25), 32 bytes
 * @head: the first two bytes
 * @first: the third one
 * @step: from each of the others to the next
 * @crc: guard
 */
struct pi_vector {
	u8	head[2];
	u8	first;
	s8	step;
	u16	crc;
};

static const struct pi_vector pi_vectors[] = {
	{ { 0x00, 0x00 }, 0x00, 0, 0x0000 },
	{ { 0xff, 0xff }, 0xff, 0, 0xa293 },
	{ { 0x00, 0x01 }, 0x02, 1, 0x0224 },
	{ { 0xff, 0xff }, 0x00, 0, 0x21b8 },
	{ { 0xff, 0xfe }, 0xfd, -1, 0xa0b7 },
};

static void pi_vectors_test(struct kunit *test)
{
	u8 data[32];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(pi_vectors); i++) {
		const struct pi_vector *v = &pi_vectors[i];

		memcpy(data, v->head, sizeof(v->head));
		for (j = 2; j < sizeof(data); j++)
			data[j] = v->first + (j - 2) * v->step;
		KUNIT_EXPECT_EQ(test, v->crc, pi_crc(data, sizeof(data)));
	}
}

static void pi_generate_test(struct kunit *test)
{
	u8 shift = *(const u8 *)test->param_value;
	struct scst_pi_blocks blocks;
	struct scst_pi_rule rule = {
		.app_tag = 0x1234, .ref_tag = 0xfffffff8,
	};
	int i;

	pi_blocks(test, &blocks, shift);
	pi_fill(&blocks);
	for (rule.type = 1; rule.type <= 3; rule.type++) {
		scst_pi_generate(&rule, &blocks);
		for (i = 0; i < PI_BLOCKS; i++) {
			const struct t10_pi_tuple *t = &blocks.tuples[i];
			u32 ref = rule.type == 1 ? 0xfffffff8 + i : U32_MAX;

			KUNIT_EXPECT_EQ(test, be16_to_cpu(t->guard_tag),
					pi_crc(blocks.data + (i << shift),
					       1 << shift));
			KUNIT_EXPECT_EQ(test, be16_to_cpu(t->app_tag), 0x1234);
			KUNIT_EXPECT_EQ(test, be32_to_cpu(t->ref_tag), ref);
		}
	}
}

/* Data that has changed gets guards; tags stay, those that turn off checks, too. */
static void pi_make_guards_test(struct kunit *test)
{
	u8 shift = *(const u8 *)test->param_value;
	struct scst_pi_blocks blocks;
	int i;

	pi_blocks(test, &blocks, shift);
	pi_fill(&blocks);
	for (i = 0; i < PI_BLOCKS; i++)
		blocks.tuples[i] = (struct t10_pi_tuple) {
			.guard_tag = cpu_to_be16(0x4711),
			.app_tag = i ? cpu_to_be16(i) : T10_PI_APP_ESCAPE,
			.ref_tag = cpu_to_be32(1000 - i),
		};
	/* The last one is none of them. */
	blocks.nr--;
	scst_pi_make_guards(&blocks);
	for (i = 0; i < PI_BLOCKS; i++) {
		const struct t10_pi_tuple *t = &blocks.tuples[i];

		KUNIT_EXPECT_EQ(test, be16_to_cpu(t->guard_tag),
				i == PI_BLOCKS - 1 ? 0x4711 :
				pi_crc(blocks.data + (i << shift), 1 << shift));
		KUNIT_EXPECT_EQ(test, be16_to_cpu(t->app_tag), i ?: U16_MAX);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(t->ref_tag), 1000 - i);
	}
}

/**
 * struct pi_case - something wrong with block 5 of type @type
 * @type: type
 * @check: what is checked
 * @guard: to be added to the guard
 * @app: the same
 * @ref: the same
 * @sense: what is found
 */
struct pi_case {
	u8		type;
	u8		check;
	u16		guard;
	u16		app;
	u32		ref;
	scst_sense_t	sense;
};

static const struct pi_case pi_cases[] = {
	{ 1, SCST_PI_ALL, 0, 0, 0, SCST_SENSE_NONE },
	{ 1, SCST_PI_ALL, 1, 0, 0, SCST_SENSE_PI_GUARD },
	{ 1, SCST_PI_ALL, 0, 1, 0, SCST_SENSE_PI_APP },
	{ 1, SCST_PI_ALL, 0, 0x100, 0, SCST_SENSE_NONE },
	{ 1, SCST_PI_ALL, 0, 0, 1, SCST_SENSE_PI_REF },
	{ 1, SCST_PI_GUARD, 0, 1, 1, SCST_SENSE_NONE },
	{ 1, SCST_PI_APP | SCST_PI_REF, 1, 0, 0, SCST_SENSE_NONE },
	{ 1, SCST_PI_APP | SCST_PI_REF, 1, 0, 1, SCST_SENSE_PI_REF },
	{ 1, SCST_PI_REF, 1, 1, 0, SCST_SENSE_NONE },
	{ 1, 0, 1, 1, 1, SCST_SENSE_NONE },
	{ 2, SCST_PI_ALL, 0, 0, 0, SCST_SENSE_NONE },
	{ 2, SCST_PI_ALL, 1, 0, 0, SCST_SENSE_PI_GUARD },
	{ 2, SCST_PI_ALL, 0, 1, 0, SCST_SENSE_PI_APP },
	{ 2, SCST_PI_ALL, 0, 0, 1, SCST_SENSE_PI_REF },
	{ 3, SCST_PI_ALL, 0, 0, 0, SCST_SENSE_NONE },
	{ 3, SCST_PI_ALL, 1, 0, 0, SCST_SENSE_PI_GUARD },
	{ 3, SCST_PI_ALL, 0, 1, 0, SCST_SENSE_PI_APP },
	{ 3, SCST_PI_ALL, 0, 0, 1, SCST_SENSE_NONE },
};

/* Tags that count from 70 on, of which the lower half is checked */
static void pi_make(struct kunit *test, struct scst_pi_blocks *blocks,
		    struct scst_pi_rule *rule, u8 type, u8 shift)
{
	int i;

	pi_blocks(test, blocks, shift);
	pi_fill(blocks);
	*rule = (struct scst_pi_rule) {
		.type = type, .check = SCST_PI_ALL, .app_tag = 0x0078,
		.app_mask = 0x00ff, .ref_tag = 70,
	};
	scst_pi_generate(rule, blocks);
	for (i = 0; i < PI_BLOCKS; i++)
		blocks->tuples[i].ref_tag = cpu_to_be32(70 + i);
}

static void pi_verify_test(struct kunit *test)
{
	u8 shift = *(const u8 *)test->param_value;
	int i;

	for (i = 0; i < ARRAY_SIZE(pi_cases); i++) {
		const struct pi_case *c = &pi_cases[i];
		struct scst_pi_fault fault = {};
		struct scst_pi_blocks blocks;
		struct scst_pi_rule rule;
		struct t10_pi_tuple *t;
		bool good = c->sense == SCST_SENSE_NONE;

		pi_make(test, &blocks, &rule, c->type, shift);
		rule.check = c->check;
		t = &blocks.tuples[5];
		be16_add_cpu(&t->guard_tag, c->guard);
		be16_add_cpu(&t->app_tag, c->app);
		be32_add_cpu(&t->ref_tag, c->ref);
		KUNIT_EXPECT_EQ_MSG(test, scst_pi_verify(&rule, &blocks,
							 &fault), good,
				    "case %d", i);
		if (good)
			continue;
		KUNIT_EXPECT_EQ(test, (__force u32)fault.sense,
				(__force u32)c->sense);
		KUNIT_EXPECT_EQ(test, fault.block, 5);
	}
}

/* A bit that has fallen over is found in whatever block it is. */
static void pi_data_test(struct kunit *test)
{
	struct scst_pi_blocks blocks;
	struct scst_pi_fault fault;
	struct scst_pi_rule rule;
	int i;

	pi_make(test, &blocks, &rule, 1, 9);
	for (i = 0; i < PI_BLOCKS; i++) {
		blocks.data[i * 512 + i * 21] ^= 1 << i % 8;
		KUNIT_EXPECT_FALSE(test, scst_pi_verify(&rule, &blocks,
							&fault));
		KUNIT_EXPECT_EQ(test, fault.block, i);
		blocks.data[i * 512 + i * 21] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_TRUE(test, scst_pi_verify(&rule, &blocks, &fault));
}

static void pi_escape_test(struct kunit *test)
{
	struct scst_pi_blocks blocks;
	struct scst_pi_fault fault;
	struct scst_pi_rule rule;
	u8 type;

	for (type = 1; type <= 3; type++) {
		pi_make(test, &blocks, &rule, type, 9);
		blocks.tuples[3] = (struct t10_pi_tuple) {
			.guard_tag = cpu_to_be16(0x4711),
			.app_tag = T10_PI_APP_ESCAPE,
			.ref_tag = cpu_to_be32(1),
		};
		/* Type 3 wants all ones in both tags. */
		KUNIT_EXPECT_EQ(test, type != 3,
				scst_pi_verify(&rule, &blocks, &fault));
		blocks.tuples[3].ref_tag = T10_PI_REF_ESCAPE;
		KUNIT_EXPECT_TRUE(test, scst_pi_verify(&rule, &blocks, &fault));
	}
}

static void pi_repeat_test(struct kunit *test)
{
	const struct t10_pi_tuple tuple = {
		.guard_tag = cpu_to_be16(1), .app_tag = cpu_to_be16(2),
		.ref_tag = cpu_to_be32(U32_MAX),
	};
	struct scst_pi_blocks blocks;
	u8 type;
	int i;

	pi_blocks(test, &blocks, 9);
	for (type = 1; type <= 3; type++) {
		scst_pi_repeat(type, &tuple, 10, &blocks);
		for (i = 0; i < PI_BLOCKS; i++) {
			const struct t10_pi_tuple *t = &blocks.tuples[i];

			KUNIT_EXPECT_EQ(test, be16_to_cpu(t->guard_tag), 1);
			KUNIT_EXPECT_EQ(test, be16_to_cpu(t->app_tag), 2);
			KUNIT_EXPECT_EQ(test, be32_to_cpu(t->ref_tag),
					type == 3 ? U32_MAX : 9 + i);
		}
	}
}

static void pi_compare_test(struct kunit *test)
{
	struct scst_pi_rule rule = { .type = 1, .check = SCST_PI_ALL };
	struct t10_pi_tuple a[3] = {}, b[3] = {};
	struct scst_pi_fault fault;

	KUNIT_EXPECT_TRUE(test, scst_pi_compare(&rule, a, b, 3, &fault));
	b[2].ref_tag = cpu_to_be32(1);
	KUNIT_EXPECT_FALSE(test, scst_pi_compare(&rule, a, b, 3, &fault));
	KUNIT_EXPECT_EQ(test, fault.block, 2);
	KUNIT_EXPECT_EQ(test, (__force u32)fault.sense,
			(__force u32)SCST_SENSE(MISCOMPARE, 0x10, 3));
	b[1].app_tag = cpu_to_be16(1);
	KUNIT_EXPECT_FALSE(test, scst_pi_compare(&rule, a, b, 3, &fault));
	KUNIT_EXPECT_EQ(test, fault.block, 1);
	KUNIT_EXPECT_EQ(test, scst_sense_ascq(fault.sense), 2);
	b[1].guard_tag = cpu_to_be16(1);
	KUNIT_EXPECT_FALSE(test, scst_pi_compare(&rule, a, b, 3, &fault));
	KUNIT_EXPECT_EQ(test, scst_sense_ascq(fault.sense), 1);
	rule.check = 0;
	KUNIT_EXPECT_TRUE(test, scst_pi_compare(&rule, a, b, 3, &fault));
}

/*
 * Segments of odd lengths and offsets, so that blocks and their protection
 * information cross segments and pages.
 */
static unsigned int pi_segments(struct scatterlist *sg, u8 *wire, size_t len,
				size_t step)
{
	unsigned int nr = DIV_ROUND_UP(len, step), i;

	sg_init_table(sg, nr);
	for (i = 0; i < nr; i++)
		sg_set_buf(&sg[i], wire + i * step,
			   min(step, len - i * step));
	return nr;
}

#define PI_MAX_SEGMENTS	512

static void pi_wire_steps(struct kunit *test, struct pi_env *env,
			  struct scatterlist *sg, size_t step)
{
	struct scst_pi_blocks part = env->back;
	size_t block = (1 << env->blocks.shift) + SCST_PI_LEN;
	size_t len = PI_BLOCKS * block;
	unsigned int nr = pi_segments(sg, env->wire, len, step);
	int i;

	memset(env->wire, 0, len);
	KUNIT_EXPECT_EQ(test, len, scst_pi_insert(sg, nr, 0, &env->blocks,
						  SIZE_MAX));
	for (i = 0; i < PI_BLOCKS; i++)
		KUNIT_EXPECT_MEMEQ(test, env->wire + i * block + block -
					 SCST_PI_LEN,
				   &env->blocks.tuples[i], SCST_PI_LEN);
	KUNIT_EXPECT_EQ(test, len, scst_pi_strip(sg, nr, 0, &env->back));
	KUNIT_EXPECT_MEMEQ(test, env->back.data, env->blocks.data,
			   PI_BLOCKS << env->blocks.shift);
	KUNIT_EXPECT_MEMEQ(test, env->back.tuples, env->blocks.tuples,
			   PI_BLOCKS * SCST_PI_LEN);
	part.nr = 3;
	KUNIT_EXPECT_EQ(test, 3 * block, scst_pi_strip(sg, nr, 7, &part));
	KUNIT_EXPECT_MEMEQ(test, part.data, env->blocks.data +
					    (7 << part.shift),
			   3 << part.shift);
	KUNIT_EXPECT_MEMEQ(test, part.tuples, &env->blocks.tuples[7],
			   3 * SCST_PI_LEN);
	/* The list ends before, and the transport wants less. */
	KUNIT_EXPECT_EQ(test, block, scst_pi_strip(sg, nr, PI_BLOCKS - 1,
						   &part));
	KUNIT_EXPECT_EQ(test, 0, scst_pi_strip(sg, nr, PI_BLOCKS + 1, &part));
	memset(env->wire, 0, len);
	KUNIT_EXPECT_EQ(test, block + 5, scst_pi_insert(sg, nr, 2, &env->blocks,
							block + 5));
	KUNIT_EXPECT_NULL(test, memchr_inv(env->wire, 0, 2 * block));
	KUNIT_EXPECT_NULL(test, memchr_inv(env->wire + 3 * block + 5, 0,
					   len - 3 * block - 5));
}

static void pi_wire_test(struct kunit *test)
{
	static const size_t steps[] = { 251, 520, 4096, 4099, PI_BYTES * 2 };
	u8 shift = *(const u8 *)test->param_value;
	struct scst_pi_rule rule;
	struct scatterlist *sg;
	struct pi_env env;
	int i;

	pi_make(test, &env.blocks, &rule, 1, shift);
	pi_blocks(test, &env.back, shift);
	env.wire = kunit_kzalloc(test, PI_BYTES * 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, env.wire);
	sg = kunit_kcalloc(test, PI_MAX_SEGMENTS, sizeof(*sg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sg);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		pi_wire_steps(test, &env, sg, steps[i]);
}

static struct kunit_case pi_test_cases[] = {
	KUNIT_CASE(pi_vectors_test),
	KUNIT_CASE_PARAM(pi_generate_test, pi_shift_gen_params),
	KUNIT_CASE_PARAM(pi_make_guards_test, pi_shift_gen_params),
	KUNIT_CASE_PARAM(pi_verify_test, pi_shift_gen_params),
	KUNIT_CASE(pi_data_test),
	KUNIT_CASE(pi_escape_test),
	KUNIT_CASE(pi_repeat_test),
	KUNIT_CASE(pi_compare_test),
	KUNIT_CASE_PARAM(pi_wire_test, pi_shift_gen_params),
	{}
};

static struct kunit_suite pi_test_suite = {
	.name = "scst_pi",
	.test_cases = pi_test_cases,
};

kunit_test_suite(pi_test_suite);
