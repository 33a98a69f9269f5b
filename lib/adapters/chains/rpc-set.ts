import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Clock } from '../../ports.ts'
import type { AnswersOf, Requests, Rpc, RpcAnswer, ValuesOf } from '../rpc.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { failuresIn, gather, type Gathered } from './gather.ts'
import { type ChainProbe, graceMs, headSurvey, isStranger } from './head-survey.ts'
import { isMistrusted, isQuarantined, score } from './node-health.ts'
import { valuesOf } from './refusal.ts'
import { openNodes, type SetNode, shownNode } from './rpc-node.ts'

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

export function rpcSet(options: {
  readonly chain: string
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly blockSeconds: number
  readonly probe: ChainProbe
  readonly timeoutMs?: number | undefined
  readonly cutOff?: AbortSignal | undefined
  /** From 0 to 1, each time anew; spreads the ends of quarantines. */
  readonly jitter?: () => number
}): RpcSet {
  const {
    chain,
    urls,
    clock,
    blockSeconds,
    probe,
    timeoutMs,
    cutOff,
    jitter = Math.random,
  } = options
  const nodes = openNodes({ urls, clock, timeoutMs, cutOff, jitter })
  const survey = headSurvey({ nodes, probe, clock, blockSeconds })

  /** Those in good standing, then those that failed to answer of late. */
  function inTurn(some: readonly SetNode[]): readonly (readonly SetNode[])[] {
    const now = clock.now()
    const { true: rest = [], false: ready = [] } = Object.groupBy(some, (node) =>
      isQuarantined(node.health(), now) ? 'true' : 'false',
    )
    return [ready, rest]
  }

  /** Those that have the agreed block, best first. */
  function line(): readonly SetNode[] {
    const number = survey.agreed()?.number
    const able = nodes.filter((node) => {
      const { head } = node.health()
      return isTrusted(node) && head && number !== undefined && head.number >= number
    })
    const byScore = able.toSorted((one, other) => score(one.health()) - score(other.health()))
    return inTurn(byScore).flat()
  }

  async function first<T>(
    requests: Requests,
    judge: (answers: readonly RpcAnswer[], node: SetNode) => T,
  ): Promise<T> {
    const { asked, failures: silent } = await survey.ifOld()
    const failures = [...silent]
    const met = new Set(asked)
    const tried = new Set<SetNode>()
    for (;;) {
      for (const node of line()) {
        if (tried.has(node)) continue
        tried.add(node)
        met.add(node)
        try {
          // One after the other on purpose: the next one is asked only where this one failed.
          return judge(await node.ask(requests), node)
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error
          failures.push(error)
        }
      }
      // Those in quarantine are left: one of them may be well again.
      const rest = nodes.filter((node) => !met.has(node) && !isMistrusted(node.health()))
      if (rest.length === 0) throw unavailable(methodsOf(requests), failures)
      for (const node of rest) met.add(node)
      failures.push(...(await survey.of(rest)).failures)
    }
  }

  async function newest(): Promise<Block> {
    const { asked, failures } = await survey.fresh()
    if (failures.length === asked.length) {
      const rest = nodes.filter((node) => !asked.includes(node) && !isMistrusted(node.health()))
      const more = rest.length > 0 ? (await survey.of(rest)).failures : []
      if (more.length === rest.length) throw unavailable(probe.head.method, [...failures, ...more])
    }
    const agreed = survey.agreed()
    if (!agreed) throw unavailable(probe.head.method, failures)
    return agreed
  }

  /** With a word on each node that was not even asked. */
  function unavailable(method: string, failures: readonly EndpointError[]): ChainUnavailableError {
    const silent = nodes.filter(({ name }) => !failures.some(({ host }) => host === name))
    return new ChainUnavailableError(chain, method, [...failures, ...silent.map(unfit)])
  }

  return {
    first,
    answers: async <const R extends Requests>(requests: R) =>
      first(requests, (answers) => answers as AnswersOf<R>),
    values: async <const R extends Requests>(requests: R) =>
      first(requests, (answers, { name }) => valuesOf(answers, name) as ValuesOf<R>),
    head: newest,

    async everywhere(requests, enough) {
      await survey.ifOld()
      const failures: EndpointError[] = []
      for (const group of inTurn(nodes.filter(isTrusted))) {
        const ends = await gather(group, {
          ask: async (node, signal) => node.ask(requests, signal),
          enough,
          graceMs,
        })
        if (ends.some(({ kind }) => kind === 'answered')) return ends
        failures.push(...failuresIn(ends))
      }
      throw unavailable(methodsOf(requests), failures)
    },

    async strangers() {
      await survey.ifOld()
      return nodes
        .filter(isStranger)
        .map(({ name, health }) => `the node ${name} ${health().quarantine?.why.detail}`)
    },

    nodes: () => nodes.map((node) => shownNode(node, clock.now())),
  }
}

function isTrusted(node: SetNode): boolean {
  return node.health().identified && !isMistrusted(node.health())
}

function unfit({ name, health }: SetNode): EndpointError {
  const { quarantine, lagBlocks } = health()
  if (!quarantine) return new EndpointError(name, 'behind', `${lagBlocks} blocks`)
  const { trouble, detail } = quarantine.why
  return new EndpointError(name, trouble, detail)
}

export function methodsOf(requests: Requests): string {
  return [...new Set(requests.map((request) => request.method))].join(', ')
}
