import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'

import { GovernanceRefusedError } from '../../domain/parameters/governance.ts'
import { GovernanceBusyError } from '../../keepers/govern/governor.ts'
import { type GovernanceDesk, ProposalError } from '../parameters/desk.ts'

/** What whoever started the page may do with parameters from it. */
export type Acting = {
  readonly desk: Pick<
    GovernanceDesk,
    'propose' | 'shadow' | 'activate' | 'withdraw' | 'rollBack' | 'emergency'
  >
  /** Whom the page names unless another name is given. */
  readonly by: string
  /** Goes to the page with its HTML, and comes back with each step. */
  readonly token: string
}

/** Nobody guesses it, and it is another one each time the page is served. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Sixty steps are kept in one row. */
const longestText = 300

/** A proposal of all parameters there are is smaller. */
const mostBytes = 64 * 1024

const text = z
  .string('expected some words')
  .transform((words) => words.trim().replaceAll(/\s+/g, ' '))
  .pipe(z.string().min(1, 'expected some words').max(longestText))

const who = { by: text, why: text }

const changes = z.record(
  z.string().max(200),
  z.union([z.number(), z.string().max(100), z.array(z.string().max(100)).max(200)]),
)

const steps = {
  propose: z.strictObject({ ...who, changes }),
  shadow: z.strictObject(who),
  activate: z.strictObject({ ...who, inMs: z.int().min(0), isForced: z.boolean() }),
  withdraw: z.strictObject(who),
  'roll-back': z.strictObject({ ...who, of: z.int().min(0) }),
  emergency: z.strictObject({ ...who, changes, forMs: z.int().min(0) }),
} as const

type StepName = keyof typeof steps

/**
 * `POST /api/parameters/<step>`, each a step of the desk. Taken from the page itself only: another site's request has another
 * origin, a form has no JSON, a name that somebody has pointed to this machine is no loopback name, and nobody else has the token.
 */
export function actingRoutes(app: Hono, acting: Acting): void {
  app.use('/api/parameters/*', async (context, next) => {
    if (context.req.method !== 'POST') return await next()
    const refused = whyRefused((name) => context.req.header(name), acting.token)
    return refused === undefined ? await next() : context.json({ error: refused }, 403)
  })
  app.post(
    '/api/parameters/:step',
    bodyLimit({
      maxSize: mostBytes,
      onError: (context) => context.json({ error: 'that is more than a step says' }, 413),
    }),
    async (context) => {
      const step = context.req.param('step')
      if (!isStep(step)) return context.notFound()
      const read = steps[step].safeParse(await bodyOf(context))
      if (!read.success) return context.json({ error: sentences(read.error).join('; ') }, 400)
      try {
        const stands = await taken(acting.desk, step, read.data)
        return context.json({ event: stands.event })
      } catch (error) {
        if (!isAnswer(error)) throw error
        const problems = error instanceof ProposalError ? error.problems : [error.message]
        return context.json({ error: error.message, problems }, 409)
      }
    },
  )
}

/** Whether whoever asks for the page may be given the token: by a name that can only be this machine's. */
export function isLoopback(host: string | undefined): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host ?? '')
}

function whyRefused(
  header: (name: string) => string | undefined,
  token: string,
): string | undefined {
  const host = header('host')
  if (!isLoopback(host))
    return 'parameters are changed from this machine only, by the page at 127.0.0.1 or localhost'
  if (header('origin') !== `http://${host}`)
    return 'parameters are changed from this page only, and not from another site'
  const site = header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin')
    return 'parameters are changed from this page only, and not from another site'
  if (!/^application\/json(?:;|$)/i.test(header('content-type') ?? ''))
    return 'a step is sent as application/json'
  if (!isSame(header('x-starkeep-token') ?? '', token))
    return 'the page was served by another run; load it again'
  return undefined
}

/** Takes the same time however much of it is right. */
function isSame(given: string, token: string): boolean {
  const [one, other] = [given, token].map((secret) => createHash('sha256').update(secret).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(steps, name)
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json()
  } catch {
    // No schema takes it.
    return undefined
  }
}

async function taken(desk: Acting['desk'], step: StepName, body: unknown) {
  switch (step) {
    case 'propose': {
      const { changes: wanted, ...person } = steps.propose.parse(body)
      return await desk.propose(wanted, person)
    }
    case 'shadow':
      return await desk.shadow(steps.shadow.parse(body))
    case 'activate':
      return await desk.activate(steps.activate.parse(body))
    case 'withdraw':
      return await desk.withdraw(steps.withdraw.parse(body))
    case 'roll-back':
      return await desk.rollBack(steps['roll-back'].parse(body))
    case 'emergency': {
      const { changes: wanted, ...rest } = steps.emergency.parse(body)
      return await desk.emergency(wanted, rest)
    }
  }
}

/** What the desk says to people, and no fault of the program. */
function isAnswer(error: unknown): error is Error {
  return (
    error instanceof ProposalError ||
    error instanceof GovernanceRefusedError ||
    error instanceof GovernanceBusyError
  )
}

function sentences({ issues }: z.ZodError): readonly string[] {
  return issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
}
