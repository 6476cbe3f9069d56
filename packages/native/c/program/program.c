/* Replays recorded calls: no look-ups, no allocation, and no way back to the caller between two calls. */
#include "program/program.h"

#include <string.h>

#include "runtime/check.h"

int steppe_function_number(const char *name, const char *parameters) {
  if (!name || !parameters) return -1;
  for (int i = 0; i < steppe_function_count; i++)
    if (!strcmp(steppe_functions[i].name, name)) return strcmp(steppe_functions[i].parameters, parameters) ? -1 : i;
  return -1;
}

/* Whether each link leads from a word of the program into a buffer. */
static int links_fit(const steppe_link *links, long link_count, long count, const double *bytes, long buffers) {
  for (const steppe_link *l = links; l < links + link_count; l++) {
    if (l->word < 0 || l->word >= count || l->buffer < 0 || l->buffer >= buffers) return 0;
    /* Of a buffer without elements the address alone is passed. */
    if (l->offset < 0 || (double)l->offset > bytes[l->buffer]) return 0;
    /* In order: then one pass finds the link of each pointer. */
    if (l > links && l[-1].word >= l->word) return 0;
  }
  return 1;
}

int steppe_program_check(const steppe_word *words, long end, long count, const steppe_link *links, long link_count,
                         const double *bytes, long buffers) {
  REQUIRE(count >= 0 && end >= 0 && end <= count && link_count >= 0 && buffers > 0);
  REQUIRE((words || !count) && (links || !link_count) && bytes);
  REQUIRE(bytes[0] == (double)count * sizeof(steppe_word));
  REQUIRE(links_fit(links, link_count, count, bytes, buffers));
  const steppe_link *link = links, *last = links + link_count;
  for (long at = 0; at < end;) {
    const int64_t number = words[at].whole;
    REQUIRE(number >= 0 && number < steppe_function_count);
    REQUIRE(link == last || link->word != at);
    at++;
    for (const char *letter = steppe_functions[number].parameters; *letter; letter++, at++) {
      REQUIRE(at < end);
      const int linked = link < last && link->word == at;
      if (*letter == 'i') REQUIRE(words[at].whole >= INT32_MIN && words[at].whole <= INT32_MAX);
      if (*letter == 'p') REQUIRE(linked || !words[at].pointer);
      else REQUIRE(!linked);
      link += linked;
    }
  }
  return STEPPE_OK;
}

long steppe_replay(steppe_word *words, long end, const steppe_link *links, long link_count, const double *addresses) {
  for (const steppe_link *l = links; l < links + link_count; l++)
    words[l->word].pointer = (char *)(uintptr_t)addresses[l->buffer] + l->offset;
  for (long at = 0; at < end;) {
    const steppe_function *function = steppe_functions + words[at].whole;
    const int status = function->call(words + at + 1);
    if (status) return at * 256 + status;
    at += 1 + (long)strlen(function->parameters);
  }
  return 0;
}
