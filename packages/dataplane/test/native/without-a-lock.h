/* Included before all else: takes one kind of lock out of the addon, so that ThreadSanitizer has something to find. */
#include <pthread.h>
#include <stdatomic.h>

#ifdef WITHOUT_TABLE_LOCK
#define pthread_rwlock_rdlock(lock) ((void)(lock))
#define pthread_rwlock_wrlock(lock) ((void)(lock))
#define pthread_rwlock_unlock(lock) ((void)(lock))
#endif
#ifdef WITHOUT_MUTEXES
#define pthread_mutex_lock(lock) ((void)(lock))
#define pthread_mutex_trylock(lock) ((void)(lock), 0)
#define pthread_mutex_unlock(lock) ((void)(lock))
#endif
#ifdef WITHOUT_ENDPOINT_LOCK
#undef atomic_flag_test_and_set_explicit
#undef atomic_flag_clear_explicit
#define atomic_flag_test_and_set_explicit(flag, order) ((void)(flag), 0)
#define atomic_flag_clear_explicit(flag, order) ((void)(flag))
#endif
