/* Prints the window after each wait that is told on the command line, in nanoseconds, beginning with none. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lookout.h"

int main(int argc, char **argv)
{
	uint64_t window_ns = 0;

	for (int i = 1; i < argc; i++) {
		window_ns = lookout_next_window(window_ns, strtoull(argv[i], NULL, 10));
		printf("%" PRIu64 "\n", window_ns);
	}
	return 0;
}
