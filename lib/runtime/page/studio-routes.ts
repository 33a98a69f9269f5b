import type { Context, Hono } from 'hono'
import * as z from 'zod'

import { timestamp } from '../../domain/time.ts'
import type { Studio } from '../studio/studio.ts'
import { sharedRead } from './shared-read.ts'

/** Slots are looked at an hour at a time, so that nobody makes the store read a year. */
const mostSpanMs = 60 * 60_000
const mostSlots = 720

/** Where parameters stand is read anew after that, or as soon as the page itself is: people wait for a step to be seen. */
const mostFreshMs = 1_500

const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000)

const subject = { job: z.string().min(1).max(64), subject: z.string().min(1).max(128) }

const keptQuery = z
  .object({
    ...subject,
    from: time,
    to: time,
    limit: z.coerce.number().int().min(1).max(mostSlots).default(mostSlots),
  })
  .refine(({ from, to }) => to >= from && to - from <= mostSpanMs, {
    path: ['to'],
    message: `expected a time within ${mostSpanMs / 60_000} minutes after from`,
  })

const slotQuery = z.object({ ...subject, at: time })

/** What the page asks of parameters and history. Nothing here changes anything. */
export function studioRoutes(app: Hono, studio: Studio, everyMs: number): void {
  const freshMs = Math.min(mostFreshMs, everyMs)
  const readAnew = () => sharedRead(async () => await studio.parameters(), freshMs)
  let parameters = readAnew()
  // Sets change seldom, and their list is long.
  const known = sharedRead(async () => await studio.known(), 10_000)
  const subjects = sharedRead(async () => await studio.subjects(), 30_000)

  // Whoever has taken a step sees it at once.
  app.use('/api/parameters/*', async ({ req }, next) => {
    await next()
    if (req.method === 'POST') parameters = readAnew()
  })
  app.get('/api/parameters', async (context) => context.json(await parameters()))
  app.get('/api/parameters/known', async (context) => context.json(await known()))
  app.get('/api/parameters/course', async (context) => {
    const market = context.req.query('market') ?? ''
    const course = await studio.course(market)
    return course ? context.json(course) : nothing(context, `no second set decided on ${market}`)
  })
  app.get('/api/kept/subjects', async (context) => context.json(await subjects()))
  app.get('/api/kept', async (context) => {
    const read = keptQuery.safeParse(context.req.query())
    if (!read.success) return unfit(context, read.error)
    const { job, subject: of, from, to, limit } = read.data
    return context.json(
      await studio.kept({
        keeper: job,
        subject: of,
        from: timestamp(from),
        to: timestamp(to),
        limit,
      }),
    )
  })
  app.get('/api/kept/slot', async (context) => {
    const read = slotQuery.safeParse(context.req.query())
    if (!read.success) return unfit(context, read.error)
    const { job, subject: of, at } = read.data
    const slot = await studio.slot({ keeper: job, subject: of, at: timestamp(at) })
    return slot
      ? context.json(slot)
      : nothing(context, `nothing of ${job} for ${of} is kept of that moment`)
  })
}

function nothing(context: Context, error: string): Response {
  return context.json({ error }, 404)
}

/** What is wrong with a question, by its place. */
export function unfit(context: Context, { issues }: z.ZodError): Response {
  const problems = issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return context.json({ error: problems.join('; ') }, 400)
}
