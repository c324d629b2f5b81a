#include "reply-sources.h"

#include <string.h>

void reply_sources_note(struct reply_sources *sources, const struct endpoint *from)
{
	if (!from->has_source)
		return;
	sources->newest[sources->next] = *from;
	sources->next = (sources->next + 1) % REPLY_SOURCES;
}

bool reply_sources_take(struct reply_sources *sources, struct endpoint *to)
{
	for (uint32_t i = 0; i < REPLY_SOURCES; i++) {
		struct endpoint *entry = &sources->newest[i];

		if (entry->to.any.sa_family == AF_UNSPEC || !endpoint_is_same_place(entry, to))
			continue;
		*to = *entry;
		memset(entry, 0, sizeof(*entry));
		return true;
	}
	return false;
}
