import { expect, test, vi } from 'vitest'
import * as z from 'zod'

import { timestamp } from '../../../lib/domain/time.ts'
import type { TickOutcome } from '../../../lib/ports.ts'
import { cloudMetrics } from '../../../lib/runtime/metrics.ts'
import type { JobName } from '../../../lib/runtime/network/job-names.ts'
import { memberOf, read } from './service.ts'

const Alarm = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  Statistic: z.string(),
  Threshold: z.number(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.string(),
  Period: z.number(),
  EvaluationPeriods: z.number(),
  AlarmActions: z.unknown(),
})

const alarm = Alarm.parse(
  ['Resources', 'WatchLivenessSilentAlarm', 'Properties'].reduce<unknown>(
    memberOf,
    read('infra/cloud/alarms.yml'),
  ),
)

const Metric = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())),
  Metrics: z.array(z.object({ Name: z.string() })),
})
const Line = z.looseObject({ _aws: z.object({ CloudWatchMetrics: z.tuple([Metric]) }) })

/** What a function writes down, as CloudWatch reads it, at the end of a slot. */
function written(job: JobName, kind: TickOutcome['kind']) {
  const lines: string[] = []
  using _ = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  const metrics = cloudMetrics({ functionName: 'starkeep-mainnet-watch-liveness' })
  const at = timestamp(1_800_000_000_000)
  const outcome: TickOutcome = { kind, reason: 'all-well', detail: '', at }
  metrics.count({
    kind: 'tick',
    at,
    job: { job, subject: 'network', slot: 120_000_000 },
    slotAt: at,
    outcome,
  })
  metrics.publish()
  return lines.map((line) => Line.parse(JSON.parse(line)))
}

/** Those of the lines that the alarm counts: a metric is one by its namespace, its name, and all of its dimensions. */
function counted(lines: ReturnType<typeof written>) {
  return lines.filter(({ _aws }) => {
    const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics
    const own = Dimensions.map((names) => names.toSorted())
    const wanted = alarm.Dimensions.map(({ Name }) => Name).toSorted()
    return (
      Namespace === alarm.Namespace &&
      Metrics.some(({ Name }) => Name === alarm.MetricName) &&
      own.some((names) => JSON.stringify(names) === JSON.stringify(wanted))
    )
  })
}

test('what the alarm on a silent watch counts is what the function writes of a look that was done to its end', () => {
  const [line, ...others] = counted(written('watch-liveness', 'done'))
  expect(others).toEqual([])
  expect(line).toMatchObject({
    [alarm.MetricName]: 1,
    service: 'starkeep',
    function: 'starkeep-mainnet-watch-liveness',
  })
  expect(Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, Value]))).toEqual({
    service: 'starkeep',
    // The function's name.
    function: { Ref: 'WatchDashlivenessLambdaFunction' },
  })
})

test.each([
  ['watch-liveness', 'failed'],
  ['watch-liveness', 'refused'],
  ['watch-systems', 'done'],
  ['deliver-outbox', 'done'],
] as const)('%s that is %s is no look', (job, kind) => {
  expect(counted(written(job, kind))).toEqual([])
})

test('where no look was done for five minutes somebody is told, also where there is no data at all', () => {
  expect(alarm).toMatchObject({
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 5,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    AlarmActions: [{ Ref: 'AlarmTopic' }],
  })
})
