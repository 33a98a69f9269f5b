import { type Hex, longHex } from './felt.ts'
import type { PanicData } from './panic.ts'

/** A contract's frame in a failed execution. */
export type Frame = { readonly address: Hex; readonly classHash: Hex; readonly selector: bigint }

/** How an execution failed: the account's frame first, the one that panicked last; or words without any frame. */
export type Failure =
  | { readonly kind: 'panic'; readonly frames: readonly Frame[]; readonly panic: PanicData }
  | { readonly kind: 'words'; readonly frames: readonly Frame[]; readonly words: string }

/** The text of receipts and traces. Its last line has the reason. */
export function revertReason(failure: Failure): string {
  const [account] = failure.frames
  if (account === undefined) return wordsOf(failure)
  const begin = `Transaction execution has failed:\n0: Error in the called contract (${frameText(account)}):\n`
  if (failure.kind === 'words') return `${begin}${failure.words}\n`
  const lines = failure.frames.map((frame) => `Error in contract (${frameText(frame)}):\n`)
  return `${begin}Execution failed. Failure reason:\n${lines.join('')}${failure.panic.readable}.\n`
}

/** `execution_error` of error 41: one object per frame, the account's own twice as nodes have it, the innermost with text and felts. */
export function executionError(failure: Failure): unknown {
  const { frames } = failure
  const [account] = frames
  if (account === undefined) return wordsOf(failure)
  const outer = failure.kind === 'panic' ? [account, ...frames] : frames
  const innermost =
    failure.kind === 'panic'
      ? `${revertReason(failure)} ${feltList(failure.panic)}`
      : `${failure.words}\n`
  return nested(outer, innermost)
}

/** `revert_error` of error 40. */
export function revertError(frame: Frame, panic: PanicData): unknown {
  return nested([frame], feltList(panic))
}

/** The account refused the signature: what error 55 tells. */
export function validationFailure(frame: Frame, panic: PanicData): string {
  const begin = 'The `validate` entry point panicked with:\n'
  return `${begin}Error in contract (${frameText(frame)}):\n${panic.readable}.\n`
}

/** The constructor of an account refused: what error 55 tells. */
export function constructorFailure(frame: Frame, panic: PanicData): string {
  const begin =
    'Contract constructor execution has failed:\n0: Error in the contract class constructor'
  const where = frameText(frame)
  return `${begin} (${where}):\nExecution failed. Failure reason:\nError in contract (${where}):\n${panic.readable}.\n`
}

/** The same inside error 41. */
export function constructorError(frame: Frame, panic: PanicData): unknown {
  return nested([frame, frame], `${constructorFailure(frame, panic)} ${feltList(panic)}`)
}

/** Something is deployed at the address of a new account already. */
export function takenText(address: Hex): string {
  return `Deployment failed: contract already deployed at address ${longHex(BigInt(address))}\n`
}

/** The same inside error 41, where a simulation was to validate. */
export function validationError(frame: Frame, panic: PanicData): unknown {
  return nested([frame], `${validationFailure(frame, panic)} ${feltList(panic)}`)
}

function nested(frames: readonly Frame[], innermost: string): unknown {
  return frames.reduceRight<unknown>(
    (error, { address, classHash, selector }) => ({
      contract_address: address,
      class_hash: classHash,
      selector: `0x${selector.toString(16)}`,
      error,
    }),
    innermost,
  )
}

function feltList({ felts }: PanicData): string {
  return JSON.stringify(felts.map((felt) => `0x${felt.toString(16)}`))
}

function wordsOf(failure: Failure): string {
  return failure.kind === 'words' ? failure.words : failure.panic.readable
}

function frameText({ address, classHash, selector }: Frame): string {
  const [contract, hash, entry] = [BigInt(address), BigInt(classHash), selector].map(longHex)
  return `contract address: ${contract}, class hash: ${hash}, selector: ${entry}`
}
