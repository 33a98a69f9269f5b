import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Clock } from '../../ports.ts'
import type { AnswersOf, Requests, Rpc, RpcAnswer, RpcRequest, ValuesOf } from '../rpc.ts'
import { agreeOnHead, type Placed } from './agree-on-head.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { failuresIn, gather, type Gathered } from './gather.ts'
import { isMistrusted, isQuarantined, placed, score } from './node-health.ts'
import { valuesOf } from './refusal.ts'
import { openNodes, type SetNode, shownNode } from './rpc-node.ts'

/** How a chain is recognised, and its newest block asked for. */
export type ChainProbe = {
  readonly chainId: RpcRequest<bigint>
  readonly expected: bigint
  /** An id in words. */
  readonly nameOf: (id: bigint) => string
  readonly head: RpcRequest<Block>
}

/** Several nodes of one chain as if they were one that neither lags nor lies. */
export type RpcSet = Rpc & {
  /** The newest block that a majority of the nodes has, asked now. */
  head(): Promise<Block>
  /**
   * What `judge` makes of the answers of the best node that has the block last agreed on. `judge` may throw an
   * `EndpointError`: then the next one is asked.
   */
  first<T>(
    requests: Requests,
    judge: (answers: readonly RpcAnswer[], node: SetNode) => T,
  ): Promise<T>
  /** What each node in good standing says. Slow ones are not waited for once one answer is `enough`. */
  everywhere(
    requests: Requests,
    enough: (answers: readonly RpcAnswer[]) => boolean,
  ): Promise<readonly Gathered<SetNode, readonly RpcAnswer[]>[]>
  /** One sentence for each node that is on another chain. */
  strangers(): Promise<readonly string[]>
  nodes(): readonly RpcNode[]
}

export type RpcSetOptions = {
  readonly chain: string
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly blockSeconds: number
  readonly probe: ChainProbe
  readonly timeoutMs?: number | undefined
  /** From 0 to 1, each time anew; spreads the ends of quarantines. */
  readonly jitter?: () => number
}

/** A node answers within tens of milliseconds; who needs this much longer than another one is not waited for. */
const graceMs = 750

/** Heights are compared this often at least while something is asked; more often where blocks come faster. */
const slowestSurveyMs = 5_000
const fastestSurveyMs = 1_000

export function rpcSet(options: RpcSetOptions): RpcSet {
  const { chain, clock, blockSeconds, probe, timeoutMs, jitter = Math.random } = options
  const nodes = openNodes({ urls: options.urls, clock, timeoutMs, jitter })
  const surveyMs = Math.min(Math.max(blockSeconds * 500, fastestSurveyMs), slowestSurveyMs)
  let agreed: Block | undefined
  let surveyedAt: Timestamp | undefined
  let running: Promise<Survey> | undefined

  /** Asks each for its chain, until it has said it, and its newest block. */
  async function survey(asked: readonly SetNode[]): Promise<Survey> {
    const ends = await gather(asked, {
      ask: async (node, signal) => newestOf(node, { probe, signal }),
      enough: () => true,
      graceMs,
    })
    const seen = ends.flatMap((end) =>
      end.kind === 'answered' ? [{ node: end.node, head: end.value }] : [],
    )
    const strangers = nodes.filter(
      (node) => node.health().quarantine?.why.trouble === 'wrong-chain',
    )
    const now = clock.now()
    const agreement = agreeOnHead({
      seen,
      floor: agreed,
      nodes: nodes.length - strangers.length,
      now,
      blockSeconds,
    })
    agreement.placed.forEach(take)
    agreed = agreement.head ?? agreed
    surveyedAt = now
    return { asked, failures: failuresIn(ends) }
  }

  /** One survey at a time, of all nodes that are not in quarantine; of all where all are. */
  async function surveyNow(): Promise<Survey> {
    const due = nodes.filter((node) => !isQuarantined(node.health(), clock.now()))
    const shared = (running ??= survey(due.length > 0 ? due : nodes))
    try {
      return await shared
    } finally {
      if (running === shared) running = undefined
    }
  }

  async function surveyed(): Promise<Survey> {
    const alone = nodes.length === 1
    const fresh = surveyedAt !== undefined && (alone || clock.now() - surveyedAt < surveyMs)
    if (!running && agreed && fresh) return { asked: [], failures: [] }
    return await surveyNow()
  }

  /** Those that have the agreed block, best first; then those that failed to answer of late. */
  function line(): readonly SetNode[] {
    const { number } = agreed ?? {}
    if (number === undefined) return []
    const able = nodes.filter((node) => {
      const { identified, head } = node.health()
      return identified && head && head.number >= number && !isMistrusted(node.health())
    })
    const rests = (node: SetNode) => isQuarantined(node.health(), clock.now())
    const best = able
      .filter((node) => !rests(node))
      .toSorted((one, other) => score(one.health()) - score(other.health()))
    return [...best, ...able.filter(rests)]
  }

  async function first<T>(
    requests: Requests,
    judge: (answers: readonly RpcAnswer[], node: SetNode) => T,
  ): Promise<T> {
    const begun = await surveyed()
    const failures: EndpointError[] = [...begun.failures]
    const asked = new Set(begun.asked)
    const tried = new Set<SetNode>()
    for (;;) {
      for (const node of line()) {
        if (tried.has(node)) continue
        tried.add(node)
        asked.add(node)
        try {
          // One after the other on purpose: the next one is asked only where this one failed.
          return judge(await node.ask(requests), node)
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error
          failures.push(error)
        }
      }
      // Nobody is left but those that were in quarantine: one of them may be well again.
      const rest = nodes.filter((node) => !asked.has(node) && !isMistrusted(node.health()))
      if (rest.length === 0) break
      for (const node of rest) asked.add(node)
      failures.push(...(await survey(rest)).failures)
    }
    throw new ChainUnavailableError(chain, methodsOf(requests), [...failures, ...unfit(failures)])
  }

  /** Why the nodes that were not even asked were not. */
  function unfit(told: readonly EndpointError[]): readonly EndpointError[] {
    return nodes
      .filter(({ name }) => !told.some(({ host }) => host === name))
      .map((node) => {
        const { quarantine, lagBlocks } = node.health()
        if (quarantine)
          return new EndpointError(node.name, quarantine.why.trouble, quarantine.why.detail)
        return new EndpointError(node.name, 'behind', `${lagBlocks} blocks`)
      })
  }

  return {
    first,
    answers: async <const R extends Requests>(requests: R) =>
      first(requests, (answers) => answers as AnswersOf<R>),
    values: async <const R extends Requests>(requests: R) =>
      first(requests, (answers, { name }) => valuesOf(answers, name) as ValuesOf<R>),

    async head() {
      const { asked, failures } = await surveyNow()
      const rest = nodes.filter((node) => !asked.includes(node) && !isMistrusted(node.health()))
      const nobody = failures.length === asked.length
      const more = nobody && rest.length > 0 ? (await survey(rest)).failures : []
      const all = [...failures, ...more]
      if (agreed && !(nobody && more.length === rest.length)) return agreed
      throw new ChainUnavailableError(chain, probe.head.method, [...all, ...unfit(all)])
    },

    async everywhere(requests, enough) {
      await surveyed()
      const known = nodes.filter((node) => node.health().identified && !isMistrusted(node.health()))
      const rests = (node: SetNode) => isQuarantined(node.health(), clock.now())
      const failures: EndpointError[] = []
      for (const group of [known.filter((node) => !rests(node)), known.filter(rests)]) {
        const ends = await gather(group, {
          ask: async (node, signal) => node.ask(requests, signal),
          enough,
          graceMs,
        })
        if (ends.some(({ kind }) => kind === 'answered')) return ends
        failures.push(...failuresIn(ends))
      }
      const all = [...failures, ...unfit(failures)]
      throw new ChainUnavailableError(chain, methodsOf(requests), all)
    },

    async strangers() {
      await surveyed()
      return nodes.flatMap((node) => {
        const why = node.health().quarantine?.why
        return why?.trouble === 'wrong-chain' ? [`the node ${node.name} ${why.detail}`] : []
      })
    },

    nodes: () => nodes.map((node) => shownNode(node, clock.now())),
  }
}

type Survey = { readonly asked: readonly SetNode[]; readonly failures: readonly EndpointError[] }

/** The node's newest block, once it has said that it is on the right chain. */
async function newestOf(
  node: SetNode,
  { probe, signal }: { readonly probe: ChainProbe; readonly signal: AbortSignal },
): Promise<Block> {
  const { chainId, expected, nameOf, head } = probe
  const requests = node.health().identified ? [head] : [head, chainId]
  const answers = await node.ask(requests, signal)
  const [block, id] = valuesOf(answers, node.name) as [Block, bigint | undefined]
  if (id !== undefined && id !== expected)
    throw node.blame(
      'wrong-chain',
      `is on chain ${nameOf(id)}, the network file says ${nameOf(expected)}; name a node of that chain`,
    )
  return block
}

/** Holds it against a node where its place is not among the others. */
function take({ node, head, place, lagBlocks }: Placed<SetNode>): void {
  const fit = place === 'good' || place === 'late'
  node.change((health) => placed(health, { head, lagBlocks, fit }))
  switch (place) {
    case 'good':
    case 'late':
      return
    case 'behind':
      node.blame('behind', `its newest block is ${head.number}, ${lagBlocks} behind the others`)
      return
    case 'ahead':
      node.blame('ahead', `its newest block is ${head.number}, which no other node is near`)
  }
}

export function methodsOf(requests: Requests): string {
  return [...new Set(requests.map((request) => request.method))].join(', ')
}
