#include "checksum.h"

#include "bytes.h"

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__)
#define VECTORIZED __attribute__((target_clones("avx2", "default")))
#else
#define VECTORIZED
#endif

typedef uint64_t lanes __attribute__((vector_size(32)));
typedef uint64_t unaligned_lanes __attribute__((vector_size(32), aligned(1), may_alias));

/* Sums blocks of 64 bytes: the low and the high half of each 64-bit word by themselves, so that nothing overflows. */
VECTORIZED static uint64_t sum_blocks(const uint8_t *bytes, size_t n_blocks)
{
	lanes low[2] = { { 0 }, { 0 } }, high[2] = { { 0 }, { 0 } };
	uint64_t sum = 0;

	for (; n_blocks > 0; n_blocks--, bytes += 64) {
		const unaligned_lanes *words = (const unaligned_lanes *)bytes;

		low[0] += words[0] & 0xffffffff;
		low[1] += words[1] & 0xffffffff;
		high[0] += words[0] >> 32;
		high[1] += words[1] >> 32;
	}
	low[0] += low[1] + high[0] + high[1];
	for (int lane = 0; lane < 4; lane++)
		sum += low[0][lane];
	return sum;
}

uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length)
{
	size_t n_blocks = length / 64;
	uint32_t word = 0;

	if (n_blocks > 0)
		sum += sum_blocks(bytes, n_blocks);
	bytes += n_blocks * 64;
	length -= n_blocks * 64;
	for (; length >= 4; length -= 4, bytes += 4) {
		memcpy(&word, bytes, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, bytes, length);
	return sum + word;
}

uint64_t checksum_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t l4_length)
{
	uint8_t tail[8] = { 0 };

	store_be32(tail, l4_length);
	tail[7] = protocol;
	uint64_t sum = checksum_add(0, tail, 8);
	return ip[0] >> 4 == 4 ? checksum_add(sum, ip + 12, 8) : checksum_add(sum, ip + 8, 32);
}

uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

void checksum_store(uint8_t *field, uint16_t folded) { memcpy(field, &folded, 2); }
