import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics'

import type { FeedQuality } from '../domain/action.ts'
import { Decimal } from '../domain/decimal.ts'
import type { Inclusion, Intent } from '../domain/intent.ts'
import { sumsOf } from '../domain/pnl/daily-sums.ts'
import { dollars, rowUsd } from '../domain/pnl/row-usd.ts'
import { revertKind } from '../domain/revert-kind.ts'
import type { RpcNode } from '../domain/rpc-node.ts'
import type { Notice } from '../keepers/notice.ts'

/** Counts and times of a run, as CloudWatch reads them out of the log (EMF): no call, no cost while it works. */
export type Metrics = {
  count(notice: Notice): void
  /** Writes how each node of a chain does, with chain and node as dimensions. */
  nodes(chain: string, nodes: readonly RpcNode[]): void
  /** Writes what was counted; once at the end of an invocation. */
  publish(): void
}

/** `functionName`: who writes them, where that is told apart. */
export function cloudMetrics({ functionName }: { readonly functionName: string }): Metrics {
  const emf = new Emf({ namespace: 'Starkeep', serviceName: 'starkeep' })

  function addOne(
    dimensions: Readonly<Record<string, string>>,
    ...metric: Parameters<Emf['addMetric']>
  ): void {
    const one = emf.singleMetric()
    one.addDimensions({ ...dimensions })
    one.addMetric(...metric)
  }

  function addQuality(node: string, quality: FeedQuality): void {
    const { feed, agreeing, dispersionBps, confidenceBps, inputAgeMs } = quality
    const of = { feed, node }
    addOne(of, 'price-sources', MetricUnit.Count, agreeing)
    // A price that is missing has none of these: an alarm on missing data tells of it.
    if (dispersionBps)
      addOne(of, 'price-dispersion-bps', MetricUnit.NoUnit, dispersionBps.toNumber())
    if (confidenceBps)
      addOne(of, 'price-confidence-bps', MetricUnit.NoUnit, confidenceBps.toNumber())
    if (inputAgeMs !== undefined) addOne(of, 'price-input-age', MetricUnit.Milliseconds, inputAgeMs)
  }

  /** What a liquidator looks at: what it earned, and what it did not. */
  function addBooks({ engine, rows, cursor }: Extract<Notice, { kind: 'booked' }>): void {
    const of = { engine }
    if (cursor.fund !== undefined)
      addOne(of, 'insurance-fund-usd', MetricUnit.NoUnit, usdOf(cursor.fund, cursor))
    if (rows.length === 0) return
    const { won, noEffect, missed, missedReward, failureFeesUsd } = sumsOf(rows)
    const pnl = rows.reduce(
      (sum, row) => sum.add(rowUsd(row, cursor.decimals.collateral)),
      new Decimal(0),
    )
    const failed = Object.values(noEffect).reduce((sum, count) => sum + count, 0)
    addOne(of, 'pnl-usd', MetricUnit.NoUnit, pnl.toNumber())
    addOne(of, 'liquidations-won', MetricUnit.Count, won)
    addOne(of, 'liquidations-without-effect', MetricUnit.Count, failed)
    addOne(of, 'failure-cost-usd', MetricUnit.NoUnit, failureFeesUsd.toNumber())
    addOne(of, 'liquidations-missed', MetricUnit.Count, missed)
    addOne(of, 'opportunity-lost-usd', MetricUnit.NoUnit, usdOf(missedReward, cursor))
  }

  /** How long each part of a transaction's way took, by exchange and kind of work. */
  function addStages({ action, createdAt }: Intent, state: Inclusion): void {
    const of = { engine: action.engine, action: action.kind }
    const { signedAt, attempts, sentAt, seenAt } = state
    const add = (name: string, from: number | undefined, to: number | undefined): void => {
      if (from !== undefined && to !== undefined)
        addOne(of, name, MetricUnit.Milliseconds, Math.max(0, to - from))
    }
    add('detect-to-prepare', createdAt, signedAt)
    add('prepare-to-broadcast', signedAt, sentAt)
    add('broadcast-to-inclusion', sentAt, seenAt)
    if (attempts !== undefined) addOne(of, 'attempts', MetricUnit.Count, attempts)
  }

  return {
    count(notice) {
      switch (notice.kind) {
        case 'tick':
          emf.addMetric(`ticks-${notice.outcome.kind}`, MetricUnit.Count, 1)
          // An alarm on its absence, infra/cloud/alarms.yml, is what notices a watch that is dead, or begins and never ends.
          if (notice.job.job === 'watch-liveness' && notice.outcome.kind === 'done')
            addOne({ function: functionName }, 'looks-done', MetricUnit.Count, 1)
          break
        case 'priced':
          for (const one of notice.feeds) addQuality(notice.node, one)
          break
        case 'booked':
          addBooks(notice)
          break
        case 'measured':
          for (const { name, of, value } of notice.measures) addOne(of, name, unitOf(name), value)
          break
        case 'transaction': {
          const { state } = notice.intent
          emf.addMetric(`transactions-${state.kind}`, MetricUnit.Count, 1)
          if (state.kind === 'included') {
            emf.addMetric(
              'slot-to-inclusion',
              MetricUnit.Milliseconds,
              state.seenAt - notice.slotAt,
            )
            addStages(notice.intent, state)
          }
          if (state.kind === 'failed' && state.why === 'reverted')
            addOne(
              { engine: notice.intent.action.engine, kind: revertKind(state.reason) },
              'reverts',
              MetricUnit.Count,
              1,
            )
          break
        }
        case 'batch': {
          const { lane, state } = notice.batch
          addOne({ lane }, `batches-${state.kind}`, MetricUnit.Count, 1)
          break
        }
        case 'incident':
          emf.addMetric(`incidents-${notice.state}`, MetricUnit.Count, 1)
          break
        case 'trouble':
          emf.addMetric('troubles', MetricUnit.Count, 1)
          break
        case 'planned':
          emf.addMetric('slots-planned', MetricUnit.Count, notice.jobs.length)
          break
      }
    },
    nodes(chain, nodes) {
      for (const { node, state, lagBlocks, latencyMs } of nodes) {
        addOne({ chain, node }, 'node-healthy', MetricUnit.Count, state === 'healthy' ? 1 : 0)
        addOne({ chain, node }, 'node-lag-blocks', MetricUnit.Count, lagBlocks)
        if (latencyMs !== undefined)
          addOne({ chain, node }, 'node-latency', MetricUnit.Milliseconds, latencyMs)
      }
    },
    publish() {
      // A message that came twice counts nothing, which is nothing to warn of.
      if (emf.hasStoredMetrics()) emf.publishStoredMetrics()
    },
  }
}

/** Seconds at the end of a name are seconds; all else is counted, or has a unit that CloudWatch does not know. */
function unitOf(name: string): (typeof MetricUnit)[keyof typeof MetricUnit] {
  if (name.endsWith('-s')) return MetricUnit.Seconds
  return /-(usd|days|percent)$/.test(name) ? MetricUnit.NoUnit : MetricUnit.Count
}

function usdOf(
  amount: bigint,
  { decimals }: { readonly decimals: { readonly collateral: number } },
): number {
  return dollars(amount, decimals.collateral).toNumber()
}
