import { inspect } from 'node:util'

/** A text that must not be seen. Whoever prints, logs, joins or serialises it by accident gets `[secret]`. */
export type Secret = {
  /** The text itself. Use it where it is needed and keep it nowhere. */
  reveal(): string
}

const hidden = '[secret]'

export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: () => hidden,
    toJSON: () => hidden,
    [Symbol.toPrimitive]: () => hidden,
    [inspect.custom]: () => hidden,
  })
}
