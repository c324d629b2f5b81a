#include "upcall.h"

#include <stdlib.h>
#include <string.h>

/* How many of a kind may wait. A session is confirmed once, and an interface is gone once: those always may. */
static const uint32_t MAX_WAITING[] = {
	[UPCALL_PACKET] = 1024,		 [UPCALL_DATAGRAM] = 1024, [UPCALL_ROAMED] = 4096,
	[UPCALL_CONFIRMED] = UINT32_MAX, [UPCALL_REKEY] = 65536,   [UPCALL_TOO_LONG] = 256,
	[UPCALL_GONE] = UINT32_MAX,	 [UPCALL_UNDER_LOAD] = 1,
};

void upcalls_init(struct upcalls *upcalls, void (*announce)(void *context), void *context)
{
	memset(upcalls, 0, sizeof(*upcalls));
	pthread_mutex_init(&upcalls->lock, NULL);
	upcalls->end = &upcalls->first;
	upcalls->announce = announce;
	upcalls->context = context;
}

bool upcall(struct upcalls *upcalls, const struct upcall *what, const uint8_t *bytes)
{
	size_t n_bytes = bytes == NULL ? 0 : what->length;
	struct upcall *copy = malloc(sizeof(*copy) + n_bytes);
	bool is_first = false;

	if (copy == NULL)
		return false;
	*copy = *what;
	copy->next = NULL;
	if (n_bytes > 0)
		memcpy(copy->bytes, bytes, n_bytes);
	pthread_mutex_lock(&upcalls->lock);
	bool fits = upcalls->n_waiting[what->kind] < MAX_WAITING[what->kind];
	if (fits) {
		upcalls->n_waiting[what->kind]++;
		*upcalls->end = copy;
		upcalls->end = &copy->next;
		is_first = !upcalls->is_announced;
		upcalls->is_announced = true;
	}
	pthread_mutex_unlock(&upcalls->lock);
	if (!fits)
		free(copy);
	if (is_first)
		upcalls->announce(upcalls->context);
	return fits;
}

struct upcall *upcalls_take(struct upcalls *upcalls)
{
	pthread_mutex_lock(&upcalls->lock);
	struct upcall *first = upcalls->first;
	upcalls->first = NULL;
	upcalls->end = &upcalls->first;
	upcalls->is_announced = false;
	memset(upcalls->n_waiting, 0, sizeof(upcalls->n_waiting));
	pthread_mutex_unlock(&upcalls->lock);
	return first;
}

void upcalls_free(struct upcalls *upcalls)
{
	struct upcall *next;

	for (struct upcall *item = upcalls_take(upcalls); item != NULL; item = next) {
		next = item->next;
		free(item);
	}
	pthread_mutex_destroy(&upcalls->lock);
}
