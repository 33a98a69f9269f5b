import * as z from 'zod'

import { backtestFormat, type BacktestResult } from '../../domain/backtest/backtest-result.ts'

/** What tells a result from anything else; this program wrote the rest of it, as its format says. */
const resultSchema = z.looseObject({
  format: z.literal(backtestFormat),
  run: z.looseObject({
    from: z.number(),
    to: z.number(),
    settings: z.looseObject({}),
    parameters: z.looseObject({ hash: z.string() }),
  }),
  markets: z.array(z.looseObject({ feed: z.string(), policy: z.looseObject({}) })),
  legs: z.looseObject({}),
  exchange: z.looseObject({}),
  totals: z.looseObject({}),
  curves: z.array(z.looseObject({})),
})

/** Reads a run's JSON again, to show it or to compare it. Throws `NoResultError` where the text is something else. */
export function readResult(text: string, file: string): BacktestResult {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new NoResultError(file, 'it is no whole JSON', { cause: error })
  }
  const format = z.looseObject({ format: z.string() }).safeParse(value).data?.format
  if (format !== undefined && format !== backtestFormat)
    throw new NoResultError(
      file,
      `its format is ${format}, and this program reads ${backtestFormat}`,
    )
  const read = resultSchema.safeParse(value)
  if (!read.success) throw new NoResultError(file, `it lacks ${lacking(read.error)}`)
  // Parsed above as far as a foreign file would differ.
  return value as BacktestResult
}

function lacking({ issues }: z.ZodError): string {
  const [first] = issues
  return first && first.path.length > 0 ? first.path.join('.') : 'all that a result has'
}

/** The file is no result of a backtest, or of another version. */
export class NoResultError extends Error {
  override readonly name = 'NoResultError'
  readonly file: string

  constructor(file: string, why: string, options?: ErrorOptions) {
    super(
      `${file} is no result of a backtest: ${why}; run the backtest again to write one`,
      options,
    )
    this.file = file
  }
}
