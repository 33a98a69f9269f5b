import { inspect } from 'node:util'

/** What a person reads of an error: its own sentence, and all there is to know of it where they asked for that. */
export function errorText(error: unknown, { verbose }: { readonly verbose: boolean }): string {
  const sentence = `starkeep: ${sentenceOf(error)}`
  return verbose ? `${sentence}\n${inspect(error)}` : sentence
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return `something unexpected happened: ${String(error)}`
  if (!isOurs(error))
    return `something unexpected happened: ${error.message}; --verbose shows where`
  return error.message.trim()
}

/** The language's and Node's own errors are nothing that anybody planned to show. */
function isOurs(error: Error): boolean {
  return ![
    'Error',
    'TypeError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
    'AggregateError',
    'ZodError',
  ].includes(error.name)
}
