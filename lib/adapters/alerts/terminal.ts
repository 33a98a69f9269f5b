import * as z from 'zod'

import type { AlertPlugin } from './channel.ts'
import { digestNote } from './note.ts'
import { context, runbook, summary, title } from './text.ts'

const schema = z.strictObject({ kind: z.literal('terminal') })

/** One line per message, where the process writes its lines. */
export const terminal: AlertPlugin<typeof schema> = {
  schema,
  create: (name, _options, { write }) => ({
    name,
    async deliver(alert) {
      write(`${title(alert)}: ${summary(alert)} (${context(alert)}; see ${runbook(alert)})`)
    },
    async digest(digest) {
      const { title: head, context: where, lines } = digestNote(digest)
      write(`${head} (${where}): ${lines.join(' | ')}`)
    },
  }),
}
