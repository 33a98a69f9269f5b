import { z } from 'zod'

import { characters, json, parsed } from './answer-json.ts'
import type { PagerAnswer } from './pager-rules.ts'

const maxTelegramText = 4096

const TelegramMessage = z.looseObject({
  chat_id: z.union([z.string(), z.int()]).optional(),
  text: z.string().optional(),
  parse_mode: z.string().optional(),
  reply_parameters: z
    .looseObject({ message_id: z.int(), allow_sending_without_reply: z.boolean().optional() })
    .optional(),
})

/** What Telegram's Bot API makes of `sendMessage`. https://core.telegram.org/bots/api#sendmessage */
export function telegramAnswer(
  body: string,
  { chatId, messageId }: { readonly chatId: string; readonly messageId: number },
): PagerAnswer {
  const message = TelegramMessage.safeParse(parsed(body))
  if (!message.success) return telegramRefusal(400, "can't parse the request as JSON")
  const { chat_id, text = '', parse_mode, reply_parameters: reply } = message.data
  if (chat_id === undefined || String(chat_id) === '')
    return telegramRefusal(400, 'chat_id is empty')
  if (String(chat_id) !== chatId) return telegramRefusal(400, 'chat not found')
  if (parse_mode !== undefined && parse_mode !== 'HTML')
    return telegramRefusal(400, 'unsupported parse_mode')
  const shown = parse_mode === 'HTML' ? htmlText(text) : { text }
  if ('wrong' in shown) return telegramRefusal(400, `can't parse entities: ${shown.wrong}`)
  if (shown.text.trim() === '') return telegramRefusal(400, 'message text is empty')
  if (characters(shown.text) > maxTelegramText) return telegramRefusal(400, 'message is too long')
  // They are numbered in order.
  const isThere = reply !== undefined && reply.message_id > 0 && reply.message_id < messageId
  if (reply && !isThere && reply.allow_sending_without_reply !== true)
    return telegramRefusal(400, 'message to be replied not found')
  const result = {
    message_id: messageId,
    chat: { id: Number(chatId) },
    text: shown.text,
    ...(isThere && { reply_to_message: { message_id: reply.message_id } }),
  }
  return json(200, { ok: true, result })
}

/** Telegram's word for a status; it says when to come back in the body alone. */
export function telegramRefusal(status: number, what: string, retryAfter?: string): PagerAnswer {
  const seconds = Number(retryAfter)
  const asks = retryAfter === undefined || Number.isNaN(seconds) ? undefined : seconds
  const name = status === 429 ? 'Too Many Requests' : status === 401 ? '' : 'Bad Request'
  return json(status, {
    ok: false,
    error_code: status,
    description: [name, what].filter(Boolean).join(': '),
    ...(asks === undefined ? {} : { parameters: { retry_after: asks } }),
  })
}

const htmlTags = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'a', 'blockquote'])
const htmlEntities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** The text that is shown: tags must be known and nested, and nothing else may look like one. */
function htmlText(html: string): { readonly text: string } | { readonly wrong: string } {
  const open: string[] = []
  let text = ''
  for (const [piece, end, tag, entity] of html.matchAll(
    /<(\/?)([a-z][a-z0-9-]*)(?:\s+[a-z]+="[^"<>]*")*>|&([a-z]+|#\d+);|[^<&]+|[<&]/g,
  )) {
    if (tag !== undefined) {
      if (!htmlTags.has(tag)) return { wrong: `unsupported start tag "${tag}"` }
      if (end === '') open.push(tag)
      else if (open.pop() !== tag) return { wrong: `unexpected end tag "${tag}"` }
    } else if (entity !== undefined) {
      text += htmlEntities[entity] ?? piece
    } else if (piece === '<') {
      return { wrong: 'unsupported start tag' }
    } else {
      text += piece
    }
  }
  return open.length === 0 ? { text } : { wrong: `can't find end tag "${open.at(-1)}"` }
}

const within = (most: number) => z.string().refine((text) => characters(text) <= most)

const DiscordEmbed = z.looseObject({
  title: within(256).optional(),
  description: within(4096).optional(),
  url: z.url().optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  timestamp: z.iso.datetime().optional(),
  footer: z.looseObject({ text: within(2048) }).optional(),
})

const DiscordMessage = z.looseObject({
  content: within(2000).optional(),
  embeds: z.array(DiscordEmbed).max(10).optional(),
  allowed_mentions: z
    .looseObject({ parse: z.array(z.enum(['roles', 'users', 'everyone'])).optional() })
    .optional(),
})

const maxEmbedText = 6000

/** What a webhook of Discord's answers. https://discord.com/developers/docs/resources/webhook#execute-webhook */
export function discordAnswer(
  body: string,
  { waits, id }: { readonly waits: boolean; readonly id: string },
): PagerAnswer {
  const message = DiscordMessage.safeParse(parsed(body))
  if (!message.success)
    return discordInvalid(message.error.issues.map(({ path }) => path.join('.')))
  const { content = '', embeds = [] } = message.data
  const shown = embeds.map(({ title = '', description = '', footer }) =>
    [title, description, footer?.text ?? ''].join(''),
  )
  if (content.trim() === '' && shown.join('').trim() === '')
    return json(400, { message: 'Cannot send an empty message', code: 50006 })
  if (characters(shown.join('')) > maxEmbedText) return discordInvalid(['embeds'])
  return waits ? json(200, { id, type: 0, content, embeds }) : { status: 204, body: '' }
}

function discordInvalid(places: readonly string[]): PagerAnswer {
  const errors = Object.fromEntries(
    places.map((place) => [place, { _errors: [{ code: 'BASE_TYPE_BAD', message: 'Invalid' }] }]),
  )
  return json(400, { message: 'Invalid Form Body', code: 50035, errors })
}

/** Discord's own 429: seconds, with a fraction, in the body and, rounded up, in the header. */
export function discordLimited(retryAfter: string | undefined): PagerAnswer {
  const seconds = Number(retryAfter ?? '1')
  const known = !Number.isNaN(seconds)
  return {
    ...json(429, {
      message: 'You are being rate limited.',
      ...(known ? { retry_after: seconds } : {}),
      global: false,
    }),
    headers: {
      'content-type': 'application/json',
      'retry-after': known ? String(Math.ceil(seconds)) : (retryAfter ?? ''),
    },
  }
}
