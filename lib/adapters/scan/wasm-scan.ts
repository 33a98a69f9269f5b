import process from 'node:process'

import { boundOf, plainScan, type RowScan } from '../../domain/scan/row-scan.ts'
import { factorsAt, foundAt } from '../../domain/scan/scan-memory.ts'
import compiled from './scan.compiled.json' with { type: 'json' }

/** What the compiled module offers (scan.as.ts). */
type Exports = {
  scan(
    rows: number,
    holdings: number,
    constantsAt: number,
    balancesAt: number,
    columnsAt: number,
    factorsAt: number,
    foundAt: number,
    share: number,
    units: number,
  ): number
}

type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number }

/** What of WebAssembly is used here, which Node's types leave out. */
type Global = {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object, imports: object) => { readonly exports: Exports }
    readonly Memory: new (size: { initial: number; maximum: number }) => Memory
  }
}

const pageBytes = 2 ** 16

/** All that 32 bits can address. */
const mostPages = 2 ** 16

/**
 * At least by so much at a time: after each growth Node takes all of it for new memory, so that many small ones have it look for
 * garbage all the time. What is not written to is not taken from the machine.
 */
const growth = 9 / 8

let module: object | undefined
let isWarned = false

/** A scan for one book, by WebAssembly, or in plain TypeScript with a warning: the same answers, but two to three times as slow. */
export function openScan(): RowScan {
  return chooseScan(wasmScan, (message) => {
    if (!isWarned) process.emitWarning(message)
    isWarned = true
  })
}

export function chooseScan(fast: () => RowScan, warn: (message: string) => void): RowScan {
  try {
    return fast()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    warn(`accounts are scanned in plain TypeScript since WebAssembly does not run: ${why}`)
    return plainScan()
  }
}

/** Two accounts at a time, in a memory of its own. Throws where WebAssembly cannot run. */
export function wasmScan(): RowScan {
  const { WebAssembly: engine } = globalThis as Global
  if (!engine) throw new RangeError('there is none')
  module ??= new engine.Module(Buffer.from(compiled.wasm, 'base64'))
  const memory = new engine.Memory({ initial: 1, maximum: mostPages })
  const { exports } = new engine.Instance(module, { env: { memory } })
  return {
    grow: (leastBytes) => {
      const pages = memory.buffer.byteLength / pageBytes
      const least = Math.ceil(leastBytes / pageBytes)
      if (least > pages) {
        const wanted = Math.max(least, Math.ceil(pages * growth))
        memory.grow(Math.max(least, Math.min(wanted, mostPages)) - pages)
      }
      return memory.buffer
    },
    scan: ({ rows, holdings, constantsAt, balancesAt, columnsAt }) => {
      const { share, units } = boundOf(holdings)
      return exports.scan(
        rows,
        holdings,
        constantsAt,
        balancesAt,
        columnsAt,
        factorsAt,
        foundAt,
        share,
        units,
      )
    },
  }
}
