/* The leaves of trees, cut into blocks by their sizes alone. */
#ifndef STEPPE_TREE_BLOCKS_H
#define STEPPE_TREE_BLOCKS_H

#define BLOCK 16384

/* Finds the leaf that a block belongs to, and the part of it that the block covers. `first` has the number of the first
 * block of each leaf, and of all blocks at the end; `size` is that of the leaf. */
static inline long leaf_at(const long *first, long count, long block) {
  long low = 0, high = count;
  while (high - low > 1) {
    const long middle = (low + high) / 2;
    if (first[middle] <= block) low = middle;
    else high = middle;
  }
  return low;
}

static inline long blocks_of(long size) { return (size + BLOCK - 1) / BLOCK; }

#endif
