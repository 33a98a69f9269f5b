import type * as z from 'zod'

/** The schema of one place in a network file, for the kinds that its parts are of there; undefined where there is no such place. */
export function leafSchema(
  schema: z.ZodType,
  [key, ...rest]: readonly string[],
  value: unknown,
): z.ZodType | undefined {
  const inner = unwrapped(schema)
  if (key === undefined) return schema
  const def: ZodDef = inner.def
  const next = isKeyed(value) ? value[key] : undefined
  if (isObject(def)) {
    const member = def.shape[key]
    return member && leafSchema(member, rest, next)
  }
  if (isRecord(def)) return leafSchema(def.valueType, rest, next)
  if (isUnion(def)) {
    // Options of one kind each: that which takes what is there.
    const option = def.options.find((one) => fits(unwrapped(one), value))
    return option && leafSchema(option, [key, ...rest], value)
  }
  return undefined
}

/** Through what only says what becomes of absent values, and of those that are there. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  const def = schema.def as {
    readonly type: string
    readonly innerType?: z.ZodType
    readonly in?: z.ZodType
  }
  if (def.innerType) return unwrapped(def.innerType)
  return def.type === 'pipe' && def.in ? unwrapped(def.in) : schema
}

/** What is written beside the schema, or beside what it wraps. */
export function descriptionOf(schema: z.ZodType): string {
  const own = (schema as { readonly description?: string }).description
  if (own !== undefined) return own
  const def = schema.def as {
    readonly innerType?: z.ZodType
    readonly in?: z.ZodType
  }
  const inner = def.innerType ?? def.in
  return inner ? descriptionOf(inner) : ''
}

function fits(option: z.ZodType, value: unknown): boolean {
  const def: ZodDef = unwrapped(option).def
  const kind = isObject(def) ? def.shape['kind'] : undefined
  const literal = kind && unwrapped(kind).def
  const values = literal && 'values' in literal ? (literal.values as readonly unknown[]) : []
  return isKeyed(value) && values.includes(value['kind'])
}

type ZodDef = { readonly type: string }

type Shape = Readonly<Record<string, z.ZodType>>

function isObject(def: ZodDef): def is ZodDef & { readonly shape: Shape } {
  return def.type === 'object'
}

function isRecord(def: ZodDef): def is ZodDef & { readonly valueType: z.ZodType } {
  return def.type === 'record'
}

function isUnion(def: ZodDef): def is ZodDef & { readonly options: readonly z.ZodType[] } {
  return def.type === 'union'
}

function isKeyed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
