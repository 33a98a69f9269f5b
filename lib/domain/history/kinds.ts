/** What stands at one place of one value. Numbers are part of the format: none is ever used for something else. */
export const kinds = {
  null: 0,
  false: 1,
  true: 2,
  /** A whole number, in its column. */
  whole: 3,
  /** Any other number, as JSON writes it. */
  number: 4,
  text: 5,
  /** Text that is itself JSON, and is taken apart as such. */
  json: 6,
  /** An object whose keys were seen there before, or may be seen again: a column for each. */
  object: 7,
  /** An object whose keys are values themselves, such as times: its members by their place. */
  entries: 8,
  /** A list whose members have names: a column for each name, and the order beside it. */
  named: 9,
  /** A short list: its members by their place. */
  list: 10,
  /** A long list: all members in one column. */
  long: 11,
  /** What is too deep or too much of a kind to be taken apart: as JSON. */
  raw: 12,
  /** The fingerprint of a quote that came before it: its name is enough. */
  print: 13,
  /** A time that stood in another place of the same value: that place is enough. */
  again: 14,
  /** How long ago such a time was. */
  ago: 15,
} as const

export type Kind = (typeof kinds)[keyof typeof kinds]

/** From that member on all members of an object whose keys are values share one place. */
export const lastEntry = 64

/** What is under it is when it all was seen. */
export const nowKey = 'now'
