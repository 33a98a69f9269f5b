import { readFileSync } from 'node:fs'

import { type CollectionTag, parse, type ScalarTag, YAMLMap } from 'yaml'
import { z } from 'zod'

const Template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
})

export type Template = z.infer<typeof Template>

/** A CloudFormation file, with `!Ref` and its kind in their long form. */
export function readTemplate(file: URL | string): Template {
  return Template.parse(parseWithTags(readFileSync(file, 'utf8')))
}

/** Any file with CloudFormation's tags, such as serverless.yml. */
export function parseWithTags(text: string): unknown {
  const customTags = [...names, 'Sub'].map(onScalar)
  return parse(text, { customTags: [...customTags, ...lists.map(onList)] })
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
const names = ['Ref', 'Condition', 'GetAtt', 'ImportValue', 'GetAZs', 'Base64']
const lists = [
  'And',
  'Equals',
  'FindInMap',
  'GetAtt',
  'If',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
]

function onScalar(name: string): ScalarTag {
  return { tag: `!${name}`, resolve: (value) => ({ [longName(name)]: argument(name, value) }) }
}

function onList(name: string): CollectionTag {
  return {
    tag: `!${name}`,
    collection: 'seq',
    resolve(list) {
      const call = new YAMLMap()
      call.set(longName(name), list)
      return call
    },
  }
}

function longName(name: string): string {
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`
}

/** `Resource.Attribute`: the resource's name has no dot, the attribute's may. */
function argument(name: string, value: string): unknown {
  if (name !== 'GetAtt') return value
  const dot = value.indexOf('.')
  return [value.slice(0, dot), value.slice(dot + 1)]
}
