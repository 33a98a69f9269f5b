import type { Minimised } from './minimise.ts'

/** What somebody needs who wants to know why: the number, the rule, what had to go wrong, and all that happened then. */
export function brokenWords({ ended, needed, trace }: Minimised): string {
  const { seed, violation } = ended
  return [
    `schedule ${seed} breaks a rule: ${violation?.rule}`,
    `  ${violation?.what}`,
    needed.length === 0 ? 'nothing has to go wrong for it:' : 'it needs only:',
    ...needed.map((one) => `  ${one}`),
    'and this is what happens:',
    ...trace.map((line) => `  ${line}`),
  ].join('\n')
}
