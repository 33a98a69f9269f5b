import { readFile } from 'node:fs/promises'

import { crossChecks } from './network/cross-checks.ts'
import { readYaml } from './network/document.ts'
import type { Known } from './network/known.ts'
import { findings, pathName, type Finding, type Problem } from './network/problem.ts'
import { type Network, networkSchema } from './network/schema.ts'

/** Reads a network file. What it calls `file:` and `memory.file` is relative to its folder. */
export async function loadNetwork(path: string, known: Known): Promise<Network> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new NetworkFileError(path, [{ line: 1, path: [], text: unreadable(cause) }], { cause })
  }
  return parseNetwork(text, path, known)
}

/** Reads a network file's text. Throws with everything that is wrong with it at once, as far as it can be read. */
export function parseNetwork(text: string, fileName: string, known: Known): Network {
  const yaml = readYaml(text)
  if (yaml.problems.length > 0) throw new NetworkFileError(fileName, yaml.problems)
  const placed = (found: readonly Finding[]) =>
    found.map((finding) => ({ ...finding, line: yaml.lineOf(finding.path) }))

  const parsed = networkSchema.safeParse(yaml.value, { reportInput: true })
  if (!parsed.success)
    throw new NetworkFileError(fileName, placed(parsed.error.issues.flatMap(findings)))

  const wrong = crossChecks(parsed.data, known)
  if (wrong.length > 0) throw new NetworkFileError(fileName, placed(wrong))
  return parsed.data
}

/** The network file cannot be used; the message has one line per problem: file, line, path, and what is expected. */
export class NetworkFileError extends Error {
  override readonly name = 'NetworkFileError'
  readonly problems: readonly Problem[]

  constructor(fileName: string, problems: readonly Problem[], options?: ErrorOptions) {
    const sorted = problems.toSorted((one, other) => one.line - other.line)
    super(
      sorted
        .map(({ line, path, text }) => `${fileName}:${line}: ${pathName(path)}: ${text}.`)
        .join('\n'),
      options,
    )
    this.problems = sorted
  }
}

function unreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return code === 'ENOENT'
    ? 'expected a network file, found none'
    : `expected a file that can be read, found ${code}`
}
