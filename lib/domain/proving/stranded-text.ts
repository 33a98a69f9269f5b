/** Why no batch can follow, for people. */
export function strandedText({
  number,
  hash,
}: {
  readonly number: number
  readonly hash: string
}): string {
  return `the contract stands on block ${number} (${hash}), which the chain does not have: no batch can follow it`
}
