import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics'

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

export function cloudMetrics(): Metrics {
  const emf = new Emf({ namespace: 'Starkeep', serviceName: 'starkeep' })

  function addNode(
    dimensions: { readonly chain: string; readonly node: string },
    ...metric: Parameters<Emf['addMetric']>
  ): void {
    const one = emf.singleMetric()
    one.addDimensions({ ...dimensions })
    one.addMetric(...metric)
  }

  return {
    count(notice) {
      switch (notice.kind) {
        case 'tick':
          emf.addMetric(`ticks-${notice.outcome.kind}`, MetricUnit.Count, 1)
          break
        case 'transaction': {
          const { state } = notice.intent
          emf.addMetric(`transactions-${state.kind}`, MetricUnit.Count, 1)
          if (state.kind === 'included')
            emf.addMetric(
              'slot-to-inclusion',
              MetricUnit.Milliseconds,
              state.seenAt - notice.slotAt,
            )
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
        addNode({ chain, node }, 'node-healthy', MetricUnit.Count, state === 'healthy' ? 1 : 0)
        addNode({ chain, node }, 'node-lag-blocks', MetricUnit.Count, lagBlocks)
        if (latencyMs !== undefined)
          addNode({ chain, node }, 'node-latency', MetricUnit.Milliseconds, latencyMs)
      }
    },
    publish() {
      // A message that came twice counts nothing, which is nothing to warn of.
      if (emf.hasStoredMetrics()) emf.publishStoredMetrics()
    },
  }
}
