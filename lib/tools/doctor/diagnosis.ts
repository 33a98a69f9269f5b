/** One thing that was looked at, and how it is. */
export type Diagnosis = {
  readonly area: Area
  /** `chains.evm`, `alerts.channels.team`, … */
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'fault' | 'skipped'
  readonly says: string
  /** What to do about it; absent where that is nothing. */
  readonly fix?: string
}

/** In the order in which they are looked at. */
export const areas = [
  'keys',
  'world',
  'nodes',
  'watched',
  'clock',
  'money',
  'store',
  'queue',
  'alerts',
] as const

export type Area = (typeof areas)[number]

/** What to do begins with a word; what else several nodes said, with their names. */
const lastPart = /^([^]*); ([a-z]+ [^;]*)$/

/** What AWS calls it where it does not know who asks, or from where. */
const isAwsLogin = /could not load credentials|region is missing|security token|expiredtoken/i

/** What to do where AWS knows nobody here, otherwise what is said. */
export function fixOf(message: string, otherwise: string): string {
  return isAwsLogin.test(message)
    ? 'log in to AWS in this shell, with credentials and AWS_REGION, and look again'
    : otherwise
}

/** A sentence of ours says first what is wrong, and after its last semicolon what to do. */
export function fromSentence(
  at: Pick<Diagnosis, 'area' | 'subject' | 'state'>,
  sentence: string,
  otherwise: string,
): Diagnosis {
  const [, says, fix] = lastPart.exec(sentence) ?? []
  if (says === undefined || fix === undefined)
    return { ...at, says: sentence, fix: fixOf(sentence, otherwise) }
  return { ...at, says, fix }
}
