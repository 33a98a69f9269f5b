/** Lists of whole numbers, the items, each in at most one bucket; moving one makes no garbage. */
export type BucketQueues = {
  /** Makes room; what is in the buckets stays. */
  readonly grow: (buckets: number, items: number) => void
  readonly link: (item: number, bucket: number) => void
  /** Does nothing where the item is in no bucket. */
  readonly unlink: (item: number) => void
  /** An item of the bucket, below zero where it is empty. */
  readonly first: (bucket: number) => number
}

const nobody = -1

export function openQueues(): BucketQueues {
  let heads = new Int32Array(0)
  let next = new Int32Array(0)
  let previous = new Int32Array(0)
  let bucketOf = new Int32Array(0)

  return {
    grow: (buckets, items) => {
      heads = grown(heads, buckets)
      next = grown(next, items)
      previous = grown(previous, items)
      bucketOf = grown(bucketOf, items)
    },
    link: (item, bucket) => {
      const second = heads[bucket] ?? nobody
      next[item] = second
      previous[item] = nobody
      bucketOf[item] = bucket
      if (second >= 0) previous[second] = item
      heads[bucket] = item
    },
    unlink: (item) => {
      const bucket = bucketOf[item] ?? nobody
      if (bucket < 0) return
      const after = next[item] ?? nobody
      const before = previous[item] ?? nobody
      if (before >= 0) next[before] = after
      else heads[bucket] = after
      if (after >= 0) previous[after] = before
      bucketOf[item] = nobody
    },
    first: (bucket) => heads[bucket] ?? nobody,
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array
  const longer = new Int32Array(Math.max(length, 2 * array.length)).fill(nobody)
  longer.set(array)
  return longer
}
