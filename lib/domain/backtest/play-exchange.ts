import type { Market } from '../market.ts'
import type { ExchangeRules } from './backtest-setup.ts'
import { coreExchange } from './core-exchange.ts'
import { evmExchange } from './evm-exchange.ts'
import type { PlayedExchange } from './played-exchange.ts'
import { starkexExchange } from './starkex-exchange.ts'

export function playExchange(rules: ExchangeRules, symbols: readonly Market[]): PlayedExchange {
  switch (rules.kind) {
    case 'evm-engine':
      return evmExchange(rules, symbols)
    case 'starknet-perpetual':
      return coreExchange(rules, symbols)
    case 'starkex':
      return starkexExchange(rules, symbols)
  }
}
