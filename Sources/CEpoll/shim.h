/* glibc's own module map leaves these two headers out. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
