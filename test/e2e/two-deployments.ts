import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { parseDocument } from 'yaml'

import { createTable } from '../../infra/local/dynamo.ts'
import { startLocalNetwork } from '../../infra/local/local-network.ts'
import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import { noncesNow } from './kept-network.ts'
import { type Deployment, runUnderKills } from './killed-deployments.ts'
import { type SettledCounts, settledOnce } from './settled-once.ts'
import { starknetOption } from './which-starknet.ts'

/**
 * `npm run two-deployments [-- --minutes 10 --seed 7 --tables two --starknet devnet]`: two whole deployments send from the same
 * accounts, and every few seconds the process of one or the other is ended by SIGKILL. Nothing else is: chains, venues and store
 * belong to this process and live on. Exit code 0 where each intent took effect once or is known never to. With `--tables two`
 * they know nothing of each other but by the account's nonce and the exchange's prices: what one of them signs for a nonce that the
 * other has used is dropped in the end.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    tables: { type: 'string', default: 'one' },
    starknet: { type: 'string', default: 'box' },
  },
})
const tell = (message: string): void => void process.stdout.write(`${message}\n`)
const [minutes, seed] = [whole('minutes', values.minutes), whole('seed', values.seed)]
const starknet = starknetOption(values.starknet)
const isShared = values.tables === 'one'
if (!isShared && values.tables !== 'two')
  throw new RangeError(`--tables is "${values.tables}"; expected one or two`)
const dataDir = mkdtempSync(join(tmpdir(), 'starkeep-two-deployments-'))
tell(`${minutes} minutes, seed ${seed}, ${values.tables} table(s), ${starknet}, in ${dataDir}`)

const network = await startLocalNetwork({
  dataDir,
  market: { kind: 'simulated', seed: String(seed) },
  starknet,
  clock: wallClock,
  onProgress: tell,
})
const problems: string[] = []
try {
  const files = { first: network.file, second: await secondFile(network.file) }
  const venues = network.places['venues'] ?? ''
  const firstNonces = await noncesNow(network.file)
  const run = await runUnderKills({ files, venues, seed, runMs: minutes * 60_000, tell })
  const {
    chains,
    intentIds,
    problems: found,
  } = await settledOnce([...new Set(Object.values(files))], firstNonces)
  problems.push(...run.problems, ...found)
  problems.push(...forgotten(run.deployments, new Set(intentIds)))
  if (isShared) problems.push(...pushedTwice(run.deployments))
  if (network.broken.aborted) problems.push(`the network broke: ${String(network.broken.reason)}`)
  for (const { name, lines, kills } of run.deployments) {
    tell(`${name}: killed ${kills} times, pushed in ${pushes(lines).length} slots`)
    tell(`${name}: incidents ${incidents(lines)}`)
  }
  for (const [chain, counts] of Object.entries(chains)) {
    tell(`${chain}: ${JSON.stringify(counts)}`)
    if (counts.settled === 0) problems.push(`${chain}: nothing was settled at all`)
  }
  const all = Object.values(chains)
  const sum = (of: (counts: SettledCounts) => number): number =>
    all.reduce((total, counts) => total + of(counts), 0)
  tell(
    `in all: ${sum(({ intents }) => intents)} intents, ${sum(({ settled }) => settled)} settled, ${sum(({ open }) => open)} open, ` +
      `${sum(({ transactions }) => transactions)} transactions, ${run.deployments.reduce((total, { kills }) => total + kills, 0)} kills`,
  )
} finally {
  await network.stop()
}
tell(problems.length === 0 ? 'every intent settled once or never, none lost' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : 1
if (process.exitCode === 0) rmSync(dataDir, { recursive: true })

/** The same file, or one that differs in the table alone. */
async function secondFile(file: string): Promise<string> {
  const { store } = (await readNetwork(file)).network
  if (store.kind !== 'dynamodb')
    throw new TypeError('two processes cannot share a store that is a file: DynamoDB is needed')
  if (isShared) return file
  const table = `${store.table}-second`
  const { region = 'eu-west-1', endpoint } = store
  const client = dynamoClient({ region, endpoint })
  try {
    await createTable(client, table)
  } finally {
    client.destroy()
  }
  const document = parseDocument(readFileSync(file, 'utf8'))
  document.setIn(['store', 'table'], table)
  const path = join(dataDir, 'network-second.yml')
  writeFileSync(path, document.toString({ lineWidth: 120 }))
  return path
}

/** Whatever a process told of must be in a store. */
function forgotten(
  deployments: readonly Deployment[],
  known: ReadonlySet<string>,
): readonly string[] {
  const told = deployments
    .flatMap(({ lines }) => lines)
    .filter(({ kind }) => kind === 'transaction')
    .map((line) => String(line['intent']))
  return [...new Set(told)].filter((id) => !known.has(id)).map((id) => `${id} is forgotten`)
}

/** A slot is one worker's, whosever it is. */
function pushedTwice(deployments: readonly Deployment[]): readonly string[] {
  const slots = deployments.flatMap(({ lines }) => pushes(lines))
  return [...new Set(slots.filter((slot, at) => slots.indexOf(slot) !== at))].map(
    (slot) => `${slot} was pushed twice`,
  )
}

function pushes(lines: Deployment['lines']): readonly string[] {
  return lines
    .filter(
      ({ kind, job, reason }) => kind === 'tick' && job === 'push-prices' && reason === 'pushed',
    )
    .map(({ subject, slot }) => `${String(subject)} slot ${String(slot)}`)
}

/** How often each rule was told of, and how it ended. */
function incidents(lines: Deployment['lines']): string {
  const all = lines.filter(({ kind }) => kind === 'incident')
  const counts = new Map<string, number>()
  for (const { rule, state, severity } of all) {
    const what = [rule, ...(state === 'resolved' ? [] : [severity]), state].join(' ')
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ') || 'none'
}

function whole(option: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected a whole number`)
}
