#include "replay.h"

bool replay_accept(struct replay *replay, uint64_t counter, uint64_t limit)
{
	uint64_t word = counter / 64;

	if (counter >= limit)
		return false;
	if (counter > replay->greatest) {
		uint64_t current = replay->greatest / 64;
		uint64_t distance = word - current;

		if (distance > REPLAY_RING_WORDS)
			distance = REPLAY_RING_WORDS;
		for (uint64_t i = 1; i <= distance; i++)
			replay->ring[(current + i) % REPLAY_RING_WORDS] = 0;
		replay->greatest = counter;
	} else if (replay->greatest - counter > REPLAY_WINDOW) {
		return false;
	}
	uint64_t *bits = &replay->ring[word % REPLAY_RING_WORDS];
	uint64_t bit = (uint64_t)1 << (counter % 64);
	if ((*bits & bit) != 0)
		return false;
	*bits |= bit;
	return true;
}
