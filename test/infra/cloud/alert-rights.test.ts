import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { alertRights } from '../../../infra/cloud/alert-rights.ts'
import { namedNetwork } from '../../../lib/runtime/named-network.ts'

const topicArn = 'arn:aws:sns:eu-west-1:111122223333:alerts'

describe('the rights to tell people', () => {
  test('are none where a network file names neither a topic nor an address', async () => {
    const networks = fileURLToPath(new URL('../../../infra/networks', import.meta.url))
    for (const name of ['sepolia', 'mainnet'])
      expect(alertRights((await namedNetwork(networks, name)).alerts)).toEqual([])
  })

  test('are to publish to the topics that it names, and to no other', () => {
    const channels = {
      one: { kind: 'sns', topicArn },
      two: { kind: 'sns', topicArn: `${topicArn}-2` },
      log: { kind: 'terminal' },
    }
    expect(alertRights({ channels })).toEqual([
      { Effect: 'Allow', Action: ['sns:Publish'], Resource: [topicArn, `${topicArn}-2`] },
    ])
  })

  test('are to send mail from its addresses, or their domains, in their region', () => {
    const channels = { mail: { kind: 'email', from: 'a@b.example', region: 'eu-central-1' } }
    const arn = 'arn:${AWS::Partition}:ses:eu-central-1:${AWS::AccountId}:identity'
    expect(alertRights({ channels })).toEqual([
      {
        Effect: 'Allow',
        Action: ['ses:SendEmail'],
        Resource: [{ 'Fn::Sub': `${arn}/a@b.example` }, { 'Fn::Sub': `${arn}/b.example` }],
      },
    ])
  })
})
