import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

import { localRpc } from '../../infra/local/local-rpc.ts'
import { clearVenueFaults, moveAllPrices, sent, setVenueFault } from './faults.ts'
import { accountsOf, disagreements } from './kept-network.ts'
import { pagesOf } from './pages.ts'
import { type Line, runStarkeep } from './running-starkeep.ts'

/**
 * `npm run drill`: what takes longer than a test may. A running network has a node that lies about how high its chain is, then
 * about which blocks it has, and then about what is in them; its Starknet node throttles, lags, forgets and goes back; it loses both chains' blocks for up
 * to a minute, each alone, most of its venues for a minute and a half, and both its provers. Exit code 0 where each was told of
 * once at the receivers of all channels that it is for, with its cause and nothing beside it, resolved once, and nothing was
 * doubled or lost. It kills no process: `npm run kill-loop` and `npm run two-deployments` do. `npm run drill -- lies provers`
 * does no more than that.
 */
// One after the other: of two at once one may be told as the cause of the other.
const steps = {
  // Before anything else, since blocks that went back are told of for half an hour.
  lies: async () => {
    await lieAbout('height')
    await lieAbout('hash')
    await lieAbout('state')
  },
  troubles: starknetTroubles,
  'evm-stalls': async () => stallLong('evm', setEvmStall),
  'starknet-stalls': async () => stallLong('starknet', setStarknetStall),
  venues: loseVenues,
  provers: loseProvers,
}
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(steps, name))
if (unknown.length > 0)
  throw new Error(`no step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`)
const isDone = (name: keyof typeof steps): boolean => wanted.length === 0 || wanted.includes(name)

const dataDir = mkdtempSync(join(tmpdir(), 'starkeep-drill-'))
const run = runStarkeep(['local', '--data', dataDir, '--port', '0'])
const places = await run.ready()
const place = (name: string): string => places[name]?.split(' ')[0] ?? ''
const [venues, admin, evm] = [place('venues'), place('starknet admin'), localRpc(place('ethereum'))]
const say = (message: string): void => void process.stdout.write(`${message}\n`)

/** Patience on a busy machine. */
const withinMs = 120_000

await run.waitFor('a transaction', starknet('included'), { withinMs })

for (const [name, step] of Object.entries(steps))
  if (isDone(name as keyof typeof steps)) await step()
await sleep(15_000)

const accounts = await accountsOf(join(dataDir, 'network.yml'))
run.signal('SIGINT')
const { code } = await run.ended
const pages = pagesOf(dataDir).map(({ pager, title }) => `${pager} ${title}`)
/** What each kind of receiver hears of an incident, critical or not, from beginning to end. */
const heard = (rule: string, subject: string, worsens: boolean): readonly string[] => [
  ...(worsens ? ['slack WARNING', 'slack NOW CRITICAL'] : ['slack CRITICAL']).map(
    (how) => `${how} ${rule} ${subject}`,
  ),
  `slack RESOLVED ${rule} ${subject}`,
  `pagerduty trigger ${rule}:${subject}`,
  `pagerduty resolve ${rule}:${subject}`,
]
/** How often each message was to be sent. */
const expected = new Map<string, number>()
const expect = (messages: readonly string[], times = 1): void => {
  for (const message of messages) expected.set(message, times)
}
/** A lie is no outage: people are told, and nobody is woken. */
const lied = (subject: string) =>
  ['WARNING', 'RESOLVED'].map((how) => `slack ${how} nodes-disagree ${subject}`)
if (isDone('lies')) {
  // Of the chain's blocks, twice; and of the exchange's contract, which is seen through the same two nodes.
  expect(lied('appchain:l2'), 2)
  expect(lied('exchange:l2'))
}
if (isDone('evm-stalls')) expect(heard('chain-stalled', 'evm', true))
if (isDone('starknet-stalls')) expect(heard('chain-stalled', 'starknet', true))
if (isDone('venues')) expect(heard('prices-stalled', 'venues', false))
/** Told with their cause, never beside it. */
const explained = ['price-late', 'no-price', 'venue-down', 'batch-late', 'settlement-late']
const problems = [
  ...(code === 0 ? [] : [`it ended with code ${code}: ${JSON.stringify(run.lines.at(-1))}`]),
  ...accounts.flatMap(disagreements),
  ...[...expected].flatMap(([page, right]) => {
    const times = pages.filter((one) => one === page).length
    return times === right ? [] : [`"${page}" was sent ${times} times, and not ${right}`]
  }),
  ...pages.filter((page) => explained.some((rule) => page.includes(rule))),
  ...pages.filter((page) => page.includes('nodes-disagree') && !expected.has(page)),
  ...(isDone('provers') &&
  !pages.some((page) => page.startsWith('slack WARNING prover-unreachable'))
    ? ['no prover was said to be unreachable']
    : []),
]
for (const { chain, landed } of accounts) say(`${chain}: ${landed.length} transactions landed`)
say(`pages: ${JSON.stringify(pages)}`)
say(JSON.stringify(run.lines.at(-1)))
say(problems.length === 0 ? 'all is as it should be' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : 1
if (process.exitCode === 0) rmSync(dataDir, { recursive: true })

/** Told after half a minute of it, and over with it. */
async function lieAbout(about: 'height' | 'hash' | 'state'): Promise<void> {
  const after = run.lines.length
  const liar = place('second admin')
  await sent(`${liar}/faults`, 'POST', { fault: 'lie', about })
  const line = await run.waitFor(
    'nodes that disagree',
    ({ rule, state }) => rule === 'nodes-disagree' && state === 'opened',
    { after, withinMs },
  )
  await sent(`${liar}/faults`, 'DELETE')
  await over('nodes-disagree', String(line['subject']), after)
  say(`a lie about the ${about}: over`)
}

/** Each while a price that has moved is on its way; then it must arrive. */
async function starknetTroubles(): Promise<void> {
  const troubles = [
    { fault: 'throttle', requests: 20 },
    { fault: 'lag', blocks: 3 },
    { fault: 'drop-answer', requests: 1 },
    { fault: 'evict' },
    { fault: 'reorg', blocks: 2 },
    { fault: 'reorg', blocks: 2, transactions: 'drop' },
  ]
  for (const [at, trouble] of troubles.entries()) {
    const after = run.lines.length
    const isOfTransactions = trouble.fault === 'evict' || trouble.fault === 'reorg'
    await moveAllPrices(venues, at % 2 === 0 ? '1.003' : '0.997')
    if (isOfTransactions) await run.waitFor('work', starknet('claimed'), { after, withinMs })
    await sent(`${admin}/faults`, 'POST', trouble)
    await sleep(8_000)
    await sent(`${admin}/faults`, 'DELETE')
    await run.waitFor('a push', starknet('included'), { after, withinMs })
    say(`${JSON.stringify(trouble)}: over`)
  }
  await clearVenueFaults(venues)
}

function starknet(state: string) {
  return (line: Line): boolean => line['chain'] === 'starknet' && line['state'] === state
}

/** Critical after some 27 blocks that did not come. */
async function stallLong(chain: string, set: (on: boolean) => Promise<unknown>): Promise<void> {
  await set(true)
  await run.waitFor(
    'a critical stall',
    ({ rule, subject, severity }) =>
      rule === 'chain-stalled' && subject === chain && severity === 'critical',
    { withinMs },
  )
  await set(false)
  await over('chain-stalled', chain)
}

async function setEvmStall(on: boolean): Promise<void> {
  await evm('evm_setIntervalMining', on ? 0 : 1)
}

async function setStarknetStall(on: boolean): Promise<void> {
  if (on) await sent(`${admin}/faults`, 'POST', { fault: 'stall' })
  else await sent(`${admin}/faults?fault=stall`, 'DELETE')
}

/** Four of fourteen sources are left, five are needed; and so for the other markets: most venues are gone at once. */
async function loseVenues(): Promise<void> {
  const lost = ['binance', 'okx', 'bybit', 'kucoin', 'gate', 'bitget', 'htx', 'mexc', 'gemini']
  for (const venue of [...lost, 'bitfinex']) await setVenueFault(venues, { venue, fault: 'vanish' })
  const after = run.lines.length
  await run.waitFor(
    'prices that stall',
    ({ rule, state }) => rule === 'prices-stalled' && state === 'opened',
    { after, withinMs },
  )
  await sleep(6_000)
  await clearVenueFaults(venues)
  await over('prices-stalled', 'venues')
}

/** Neither gives an answer until that is told; then they do, before a state of a batch has taken too long. */
async function loseProvers(): Promise<void> {
  const provers = [place('atlantic admin'), place('sharp admin')]
  const after = run.lines.length
  for (const prover of provers) await sent(`${prover}/faults`, 'POST', { fault: 'bad-gateway' })
  const line = await run.waitFor(
    'a prover that does not answer',
    ({ rule, state }) => rule === 'prover-unreachable' && state === 'opened',
    { after, withinMs },
  )
  for (const prover of provers) await sent(`${prover}/faults`, 'DELETE')
  await over('prover-unreachable', String(line['subject']))
}

async function over(rule: string, subject: string, after = 0): Promise<void> {
  await run.waitFor(
    `the end of ${rule} ${subject}`,
    (line) => line['rule'] === rule && line['subject'] === subject && line['state'] === 'resolved',
    { after, withinMs },
  )
}
