import solc from 'solc'
import { z } from 'zod'

/** A few hundred runs: pushes and liquidations are called all the time, and the code stays within 24,576 bytes (EIP-170). */
const settings = {
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  // No hash of paths or comments in the code: the same source gives the same bytes anywhere.
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

const Output = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          abi: z.array(z.unknown()),
          evm: z.object({ bytecode: z.object({ object: z.string() }) }),
        }),
      ),
    )
    .default({}),
})

/** The package's own types are of no use. */
const { compile } = solc as { readonly compile: (input: string) => string }

/** Compiles Solidity files by their names. A warning is an error. */
export function compileSolidity(sources: Readonly<Record<string, string>>) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, content]) => [name, { content }]),
    ),
    settings,
  }
  const { errors, contracts } = Output.parse(JSON.parse(compile(JSON.stringify(input))))
  const problems = errors.filter(({ severity }) => severity !== 'info')
  if (problems.length > 0)
    throw new SolidityError(problems.map(({ formattedMessage }) => formattedMessage))
  return (file: string, name: string) => {
    const found = contracts[file]?.[name]
    if (!found) throw new SolidityError([`there is no contract ${name} in ${file}`])
    return { abi: found.abi, bytecode: `0x${found.evm.bytecode.object}` as const }
  }
}

/** The source does not compile. */
export class SolidityError extends Error {
  override readonly name = 'SolidityError'

  constructor(problems: readonly string[]) {
    super(`the contracts do not compile:\n${problems.join('\n')}`)
  }
}
